import { scaleBand, scaleLinear } from 'd3-scale'
import { ChartColumn, Table2 } from 'lucide-react'
import { type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Analytics } from '../../api/queries.ts'
import { modelName } from '../../format/model-name.ts'
import { exactly, money, moneyTicks } from '../../format/money.ts'
import { exactCount } from '../../format/number.ts'
import { bucketLabel, bucketName, type Granularity } from '../../format/time.ts'
import { Card } from '../../ui/card.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import table from '../../ui/table.module.css'
import styles from './cost-chart.module.css'
import { colourOf } from './model-colours.ts'

interface CostChartProps {
  readonly trend: Analytics['trend']
  readonly granularity: Granularity
  /** Most expensive first; the same order everywhere on the page. */
  readonly models: readonly string[]
}

const TITLES: Readonly<Record<Granularity, string>> = {
  hour: 'Cost per hour',
  day: 'Cost per day',
  week: 'Cost per week',
}

export function CostChart({ trend, granularity, models }: CostChartProps) {
  const [view, setView] = useState<'chart' | 'table'>('chart')
  const [hidden, setHidden] = useState<readonly string[]>([])
  const shown = models.filter((model) => !hidden.includes(model))
  return (
    <Card
      title={TITLES[granularity]}
      aside={
        <Segmented
          label="View"
          value={view}
          onChange={setView}
          options={[
            { value: 'chart', label: 'Chart', text: <ChartColumn size={14} aria-hidden /> },
            { value: 'table', label: 'Table', text: <Table2 size={14} aria-hidden /> },
          ]}
        />
      }
    >
      <ul className={styles.legend}>
        {models.map((model) => (
          <li key={model}>
            <button
              type="button"
              aria-pressed={!hidden.includes(model)}
              onClick={() =>
                setHidden(hidden.includes(model) ? hidden.filter((one) => one !== model) : [...hidden, model])
              }
            >
              <i style={{ background: colourOf(model, models) }} aria-hidden />
              {modelName(model)}
              <span className="quiet figure">{money(costOf(trend, model))}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.frame}>
        {view === 'chart' ? (
          <Bars trend={trend} models={models} shown={shown} />
        ) : (
          <TrendTable trend={trend} granularity={granularity} />
        )}
      </div>
    </Card>
  )
}

type Bucket = Analytics['trend'][number]

const costOf = (trend: readonly Bucket[], model: string): number =>
  trend.reduce((sum, bucket) => sum + costIn(bucket, model), 0)
const costIn = (bucket: Bucket, model: string): number =>
  bucket.models.find((one) => one.model === model)?.cost_usd ?? 0

const HEIGHT = 244
const MARGIN = { top: 8, bottom: 24 }
/** Room for the longest tick in the axis' font. */
const CHARACTER = 7.2
/** A label of a day needs about this much. */
const LABEL_WIDTH = 64

/** Drawn at the width it has, so that its text is never scaled. */
function useWidth() {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (frame.current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])
  return { frame, width }
}

interface BarsProps {
  readonly trend: readonly Bucket[]
  readonly models: readonly string[]
  readonly shown: readonly string[]
}

type Scales = ReturnType<typeof scalesOf>

function scalesOf(trend: readonly Bucket[], heights: readonly number[], width: number) {
  const most = Math.max(...heights)
  const y = scaleLinear([0, most === 0 ? 1 : most], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(5)
  const ticks = y.ticks(5)
  const labels = moneyTicks(ticks)
  const left = Math.max(...labels.map((label) => label.length)) * CHARACTER + 8
  const x = scaleBand(
    trend.map(({ bucket }) => bucket),
    [left, Math.max(left, width)],
  ).paddingInner(trend.length > 60 ? 0.1 : 0.4)
  return { x, y, left, ticks: ticks.map((value, place) => ({ value, label: labels[place] ?? '' })) }
}

function Bars({ trend, models, shown }: BarsProps) {
  const { frame, width } = useWidth()
  const [at, setAt] = useState<number>()
  const heights = trend.map((bucket) => shown.reduce((sum, model) => sum + costIn(bucket, model), 0))
  const scales = scalesOf(trend, heights, width)
  const { x, y, left } = scales
  const chosen = at === undefined ? undefined : trend[at]

  const point = (event: PointerEvent): void => {
    const from = frame.current?.getBoundingClientRect().left ?? 0
    const place = Math.floor((event.clientX - from - left) / x.step())
    setAt(place >= 0 && place < trend.length ? place : undefined)
  }
  return (
    <div ref={frame} className={styles.bars} onPointerMove={point} onPointerLeave={() => setAt(undefined)}>
      <svg className={styles.chart} width={width} height={HEIGHT} role="img" aria-label={summaryOf(trend, heights)}>
        {chosen !== undefined && (
          <rect
            className={styles.column}
            x={x(chosen.bucket)}
            y={0}
            width={x.bandwidth()}
            height={HEIGHT - MARGIN.bottom}
          />
        )}
        <Axes trend={trend} scales={scales} width={width} at={at} />
        {trend.map((bucket) => (
          <g key={bucket.bucket}>
            <Stack
              bucket={bucket}
              models={models}
              shown={shown}
              x={x(bucket.bucket) ?? 0}
              width={x.bandwidth()}
              y={y}
            />
          </g>
        ))}
      </svg>
      {/* The keyboard's way through the buckets, and what a screen reader says of each. */}
      <input
        type="range"
        className={styles.cursor}
        aria-label="Bucket"
        aria-valuetext={bucketText(trend[at ?? 0], heights[at ?? 0] ?? 0)}
        min={0}
        max={trend.length - 1}
        value={at ?? 0}
        onChange={(event) => setAt(Number(event.target.value))}
        onFocus={() => setAt(at ?? 0)}
        onBlur={() => setAt(undefined)}
      />
      {chosen !== undefined && (
        <Tip bucket={chosen} shown={shown} models={models} x={(x(chosen.bucket) ?? 0) + x.bandwidth()} width={width} />
      )}
    </div>
  )
}

const bucketText = (bucket: Bucket | undefined, cost: number): string =>
  bucket === undefined ? '' : `${bucketName(bucket.bucket)}: ${money(cost)}, ${exactCount(bucket.requests)} requests`

interface AxesProps {
  readonly trend: readonly Bucket[]
  readonly scales: Scales
  readonly width: number
  readonly at: number | undefined
}

function Axes({ trend, scales: { x, y, left, ticks }, width, at }: AxesProps) {
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / (x.step() || 1)))
  return (
    <>
      {ticks.map(({ value, label }) => (
        <g key={value}>
          <line className={value === 0 ? styles.base : styles.grid} x1={left} x2={width} y1={y(value)} y2={y(value)} />
          <text x={left - 8} y={y(value)} dy="0.32em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {trend.map(
        ({ bucket }, place) =>
          place % every === 0 && (
            <text
              key={bucket}
              className={place === at ? styles.strong : undefined}
              x={(x(bucket) ?? 0) + x.bandwidth() / 2}
              y={HEIGHT - 6}
              textAnchor="middle"
            >
              {bucketLabel(bucket)}
            </text>
          ),
      )}
    </>
  )
}

interface StackProps {
  readonly bucket: Bucket
  readonly models: readonly string[]
  readonly shown: readonly string[]
  readonly x: number
  readonly width: number
  y(cost: number): number
}

function Stack({ bucket, models, shown, x, width, y }: StackProps) {
  let below = 0
  return shown.map((model) => {
    const cost = costIn(bucket, model)
    if (cost === 0) return null
    const [foot, head] = [y(below), y(below + cost)]
    below += cost
    // A pixel of the card's own colour parts one from the other.
    return (
      <rect
        key={model}
        x={x}
        y={head}
        width={Math.max(1, width)}
        height={Math.max(1, foot - head - 1)}
        rx={1.5}
        fill={colourOf(model, models)}
      />
    )
  })
}

interface TipProps {
  readonly bucket: Bucket
  readonly shown: readonly string[]
  readonly models: readonly string[]
  readonly x: number
  readonly width: number
}

const TIP_WIDTH = 190

function Tip({ bucket, shown, models, x, width }: TipProps) {
  const left = x + TIP_WIDTH + 8 > width ? Math.max(0, x - TIP_WIDTH - 64) : x + 8
  return (
    <div className={styles.tip} style={{ left, width: TIP_WIDTH }} aria-hidden>
      <b>{bucketName(bucket.bucket)}</b> <span className="quiet">UTC</span>
      {shown
        .filter((model) => costIn(bucket, model) > 0)
        .map((model) => (
          <span key={model} className={styles.entry}>
            <i style={{ background: colourOf(model, models) }} />
            <span>{modelName(model)}</span>
            <span className="figure">{money(costIn(bucket, model))}</span>
          </span>
        ))}
      <span className={styles.sum}>
        <span>{exactCount(bucket.requests)} requests</span>
        <b className="figure">{money(bucket.cost_usd)}</b>
      </span>
    </div>
  )
}

function summaryOf(trend: readonly Bucket[], heights: readonly number[]): string {
  const [first, last] = [trend[0], trend.at(-1)]
  if (first === undefined || last === undefined) return 'Nothing to draw.'
  const highest = heights.indexOf(Math.max(...heights))
  return `Cost by model from ${bucketName(first.bucket)} to ${bucketName(last.bucket)}, highest ${bucketName(
    trend[highest]?.bucket ?? first.bucket,
  )} with ${money(heights[highest] ?? 0)}.`
}

function TrendTable({ trend, granularity }: { readonly trend: readonly Bucket[]; readonly granularity: Granularity }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className={styles.scroll} tabIndex={0} aria-label={TITLES[granularity]}>
      <table className={table.table}>
        <caption className="unseen">{TITLES[granularity]}, in UTC</caption>
        <thead>
          <tr>
            <th scope="col">{granularity.charAt(0).toUpperCase() + granularity.slice(1)} (UTC)</th>
            <th scope="col" className={table.number}>
              Requests
            </th>
            <th scope="col" className={table.number}>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {trend.map(({ bucket, requests, cost_usd }) => (
            <tr key={bucket}>
              <th scope="row">{bucketName(bucket)}</th>
              <td className={table.number}>{exactCount(requests)}</td>
              <td className={table.number} title={exactly(cost_usd)}>
                {money(cost_usd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
