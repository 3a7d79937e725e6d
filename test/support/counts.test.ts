import { expect, test } from 'vitest'
import { closingLines, countsOf, type VitestReport } from './counts.ts'

const report = (over: Partial<VitestReport>): VitestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...over,
})

test('what passed, failed and was skipped is counted', () => {
  const counts = countsOf(false, report({ numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }))
  expect(counts).toEqual({ passed: 5, failed: 2, skipped: 2 })
})

test('a file that could not be loaded counts as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ]
  expect(countsOf(false, report({ numPassedTests: 5, numFailedTests: 1, testResults })).failed).toBe(2)
})

test('a run that tested nothing, wrote no report, or failed outside of any test has failed', () => {
  expect(countsOf(true, report({})).failed).toBe(1)
  expect(countsOf(true, undefined).failed).toBe(1)
  expect(countsOf(false, report({ numPassedTests: 5 })).failed).toBe(1)
})

test('the last line is the plain one, and nothing at all is no success', () => {
  const passed = { passed: 3, failed: 0, skipped: 0 }
  expect(closingLines([passed, passed])).toEqual({ lines: ['6 passed, 0 failed'], ok: true })
  expect(closingLines([passed, { passed: 1, failed: 2, skipped: 4 }])).toEqual({
    lines: ['4 skipped', '4 passed, 2 failed'],
    ok: false,
  })
  expect(closingLines([]).ok).toBe(false)
})
