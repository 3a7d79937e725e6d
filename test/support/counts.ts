/** What a run of the tests amounts to. */

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Of vitest's JSON report, what is counted here. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/**
 * A file that could not be loaded or prepared has no failed test of its own, and neither has an error outside of any test:
 * each of them counts as one.
 */
export function countsOf(ok: boolean, report: VitestReport | undefined): Counts {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  const passed = report.numPassedTests
  const ranNothing = passed + failed === 0
  return {
    passed,
    failed: failed === 0 && (!ok || ranNothing) ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** The last line is read by machines and stays plain; what was skipped stands on a line before it. */
export function closingLines(all: readonly Counts[]): { readonly lines: readonly string[]; readonly ok: boolean } {
  const sum = (of: keyof Counts): number => all.reduce((total, counts) => total + counts[of], 0)
  const closing = `${sum('passed')} passed, ${sum('failed')} failed`
  const skipped = sum('skipped')
  const lines = skipped > 0 ? [`${skipped} skipped`, closing] : [closing]
  return { lines, ok: sum('failed') === 0 && sum('passed') > 0 }
}
