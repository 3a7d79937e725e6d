import type { Analytics } from '../../api/queries.ts'
import { exactly, money } from '../../format/money.ts'
import { type Change, changeOf, count, duration, exactCount, percent } from '../../format/number.ts'
import styles from './key-figures.module.css'
import { Sparkline } from './sparkline.tsx'

interface Figure {
  readonly name: string
  readonly value: string
  readonly exact: string
  readonly change: Change | undefined
  /** What `up` means to the person who pays or waits. */
  readonly up: 'better' | 'worse' | 'neither'
  readonly fact: string
  readonly series: readonly number[]
}

export function KeyFigures({ data }: { readonly data: Analytics }) {
  return (
    <div className={styles.figures}>
      {figuresOf(data).map((figure) => (
        <div key={figure.name} className={styles.figure}>
          <span className={styles.name}>{figure.name}</span>
          <span className={styles.row}>
            <span className={styles.value} title={figure.exact}>
              {figure.value}
            </span>
            <Sparkline values={figure.series} />
          </span>
          <span className={styles.facts}>
            {figure.change !== undefined && <ChangeMark change={figure.change} up={figure.up} />}
            <span>{figure.fact}</span>
          </span>
        </div>
      ))}
    </div>
  )
}

function figuresOf({ totals, prior, trend }: Analytics): Figure[] {
  const tokens = totals.input_tokens + totals.output_tokens + totals.cache_read_tokens + totals.cache_write_tokens
  const withoutCache = totals.total_cost_usd + totals.cache_savings_usd
  const succeeded = totals.requests === 0 ? 0 : 1 - totals.failed_requests / totals.requests
  return [
    {
      name: 'Cost',
      value: money(totals.total_cost_usd),
      exact: exactly(totals.total_cost_usd),
      change: changeOf(totals.total_cost_usd, prior.total_cost_usd),
      up: 'worse',
      fact: `${count(tokens)} tokens`,
      series: trend.map(({ cost_usd }) => cost_usd),
    },
    {
      name: 'Cache savings',
      value: money(totals.cache_savings_usd),
      exact: exactly(totals.cache_savings_usd),
      change: changeOf(totals.cache_savings_usd, prior.cache_savings_usd),
      up: 'better',
      fact:
        withoutCache === 0
          ? 'nothing cached yet'
          : `${percent(totals.cache_savings_usd / withoutCache)} of what it would have cost`,
      series: trend.map(({ cache_savings_usd }) => cache_savings_usd),
    },
    {
      name: 'Requests',
      value: count(totals.requests),
      exact: exactCount(totals.requests),
      change: changeOf(totals.requests, prior.requests),
      up: 'neither',
      fact: `${percent(succeeded)} succeeded`,
      series: trend.map(({ requests }) => requests),
    },
    {
      name: 'Average latency',
      value: duration(totals.avg_duration_ms),
      exact: `${exactCount(totals.avg_duration_ms)} ms`,
      change: changeOf(totals.avg_duration_ms, prior.avg_duration_ms),
      up: 'worse',
      fact: `${exactCount(totals.streaming_requests)} streamed`,
      series: trend.map(({ avg_duration_ms }) => avg_duration_ms),
    },
  ]
}

function ChangeMark({ change, up }: { readonly change: Change; readonly up: Figure['up'] }) {
  const isGood = (up === 'better') === (change.direction === 'up')
  const tone = up === 'neither' || change.direction === 'none' ? styles.even : isGood ? styles.good : styles.bad
  const mark = { up: '▲', down: '▼', none: '' }[change.direction]
  return (
    <span className={tone} title="against the time of the same length before">
      {mark} {change.text}
      <span className="unseen">
        {change.direction === 'none' ? '' : ` ${change.direction}, against the time before`}
      </span>
    </span>
  )
}
