import { describe, expect, test } from 'vitest'
import { jsonLog } from '../../../lambdas/platform/log.host.ts'
import { FIGURES, type Figure, METRICS_NAMESPACE, metricMembers } from '../../../lambdas/platform/metrics.ts'

/** Source: Amazon CloudWatch user guide, "Specification: Embedded metric format" and MetricDatum of the API reference. */
const UNITS = new Set(['Count', 'Milliseconds', 'Seconds', 'None'])
const MOST_DIMENSIONS = 30

interface EmbeddedMetrics {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[]
    }[]
  }
  readonly [member: string]: unknown
}

const AT = Date.UTC(2026, 10, 24)
const measured = (...figures: readonly Figure[]) => metricMembers(figures, 'Stack', AT) as EmbeddedMetrics

function expectValid(line: EmbeddedMetrics): void {
  expect(Number.isInteger(line._aws.Timestamp)).toBe(true)
  for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
    expect(Namespace).toBe(METRICS_NAMESPACE)
    expect(Dimensions.length).toBeGreaterThan(0)
    for (const set of Dimensions) {
      expect(set.length).toBeLessThanOrEqual(MOST_DIMENSIONS)
      for (const dimension of set) expect(line[dimension]).toMatch(/^.{1,250}$/)
    }
    for (const { Name, Unit } of Metrics) {
      expect(typeof line[Name]).toBe('number')
      expect(UNITS).toContain(Unit)
    }
  }
}

/** Every figure, told apart by whatever it is told apart by. */
const EVERY = Object.entries(FIGURES).map(
  ([name, { by }]) => ({ name, value: 1, ...Object.fromEntries(by.map((dimension) => [dimension, 'x'])) }) as Figure,
)

test.each(EVERY.map((figure) => [figure.name, figure] as const))(
  '%s is a metric as CloudWatch reads one',
  (_, figure) => {
    expectValid(measured(figure))
  },
)

test('a figure is there for all of the gateway, and apart by what it is told apart by', () => {
  const line = measured({ name: 'Requests', value: 1, Outcome: 'ok' })
  expect(line).toEqual({
    Gateway: 'Stack',
    Requests: 1,
    Outcome: 'ok',
    _aws: {
      Timestamp: AT,
      CloudWatchMetrics: [
        {
          Namespace: 'ClaudeCodeGateway',
          Dimensions: [['Gateway'], ['Gateway', 'Outcome']],
          Metrics: [{ Name: 'Requests', Unit: 'Count' }],
        },
      ],
    },
  })
})

test('several figures stand in one line', () => {
  const line = measured(
    { name: 'Requests', value: 1, Outcome: 'failed' },
    { name: 'BedrockFaults', value: 1, Kind: 'upstream_busy' },
  )
  expectValid(line)
  expect(line._aws.CloudWatchMetrics).toHaveLength(2)
  expect(line).toMatchObject({ Outcome: 'failed', Kind: 'upstream_busy' })
})

describe('a log line', () => {
  const written = (use: (log: ReturnType<typeof jsonLog>) => void): string[] => {
    const lines: string[] = []
    use(jsonLog((line) => void lines.push(line)))
    return lines
  }

  test('with figures is still one line, with its facts beside them', () => {
    const [line = '', ...more] = written((log) =>
      log.error('bug', { requestId: 'req_1' }, [{ name: 'Bugs', value: 1 }]),
    )
    expect(more).toEqual([])
    expect(line).not.toContain('\n')
    const read = JSON.parse(line) as EmbeddedMetrics
    expectValid(read)
    expect(read).toMatchObject({ level: 'error', event: 'bug', requestId: 'req_1', Bugs: 1 })
  })

  test('without figures says nothing of metrics', () => {
    const [line = ''] = written((log) => log.info('watch', { settled: 0 }))
    expect(JSON.parse(line)).toEqual({ level: 'info', event: 'watch', settled: 0 })
  })
})
