import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { type Analytics, analyticsQuery } from '../../api/queries.ts'
import { count, exactCount } from '../../format/number.ts'
import { Page } from '../../shell/page.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Bar } from '../../ui/bar.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { BudgetCard } from './budget-card.tsx'
import styles from './dashboard-page.module.css'
import { GRANULARITIES, type Granularity, RANGES, type Range, rangeName } from './dashboard-search.ts'
import { KeyFigures } from './key-figures.tsx'
import { colourOf } from './model-colours.ts'
import { ModelTable } from './model-table.tsx'

const CostChart = lazy(async () => ({ default: (await import('./cost-chart.tsx')).CostChart }))

/** What the chart and its card will take: nothing moves when it comes. */
const CHART_HEIGHT = '22.875rem'

export function DashboardPage() {
  const { days = 7, by = 'auto' } = useSearch({ from: '/shell/dashboard' })
  const analytics = useQuery(analyticsQuery({ days, granularity: by }))
  const { data } = analytics
  return (
    <Page title="Dashboard" data={analytics} actions={<Filters days={days} by={by} />}>
      {data === undefined && analytics.error !== null && (
        <Notice
          kind="danger"
          title="Your usage could not be loaded"
          action={<Button onPress={() => void analytics.refetch()}>Try again</Button>}
        >
          {analytics.error.message} Your keys keep working.
        </Notice>
      )}
      <BudgetCard />
      {data === undefined ? (
        analytics.error === null && <Skeleton height="40rem" />
      ) : (
        <Figures data={data} days={days} />
      )}
    </Page>
  )
}

function Figures({ data, days }: { readonly data: Analytics; readonly days: Range }) {
  if (data.totals.requests === 0) return <NothingYet days={days} />
  const models = data.models.map(({ model }) => model)
  return (
    <>
      <Card label="Key figures" flush>
        <KeyFigures data={data} />
      </Card>
      <div className={styles.columns}>
        <Suspense fallback={<Skeleton height={CHART_HEIGHT} />}>
          <CostChart trend={data.trend} granularity={data.granularity} models={models} />
        </Suspense>
        <Tools tools={data.top_tools} />
      </div>
      <Card title="Cost by model" flush {...(data.unpriced_rows > 0 && { foot: <Unpriced data={data} /> })}>
        <ModelTable models={data.models} totals={data.totals} colourOf={(model) => colourOf(model, models)} />
      </Card>
    </>
  )
}

function NothingYet({ days }: { readonly days: Range }) {
  const navigate = useNavigate()
  return (
    <Card label="Usage">
      <Empty
        title={`No request in the ${rangeName(days).toLowerCase()}`}
        action={
          days < 90 ? (
            <Button onPress={() => void navigate({ to: '/dashboard', search: { days: 90 } })}>
              Show the last 90 days
            </Button>
          ) : undefined
        }
      >
        What you ask through this gateway is counted here, usually within a second.{' '}
        <Link to="/connect" className="link">
          Connect Claude Code
        </Link>
      </Empty>
    </Card>
  )
}

const GRANULARITY_NAMES: Readonly<Record<Granularity, string>> = {
  auto: 'Automatic',
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
}

function Filters({ days, by }: { readonly days: Range; readonly by: Granularity }) {
  const navigate = useNavigate({ from: '/dashboard' })
  return (
    <>
      <Menu
        label="Period"
        trigger={
          <Button>
            {rangeName(days)} <ChevronDown size={14} aria-hidden />
          </Button>
        }
        actions={RANGES.map((range) => ({
          id: String(range),
          text: rangeName(range),
          chosen: range === days,
          run: () => void navigate({ search: (before) => ({ ...before, days: range }) }),
        }))}
      />
      <Menu
        label="Grouped by"
        trigger={
          <Button>
            <span className="quiet">by</span> {GRANULARITY_NAMES[by]} <ChevronDown size={14} aria-hidden />
          </Button>
        }
        actions={GRANULARITIES.map((granularity) => ({
          id: granularity,
          text: GRANULARITY_NAMES[granularity],
          chosen: granularity === by,
          run: () => void navigate({ search: (before) => ({ ...before, by: granularity }) }),
        }))}
      />
    </>
  )
}

/** `mcp__github__search_code` → `github.search_code` */
const toolName = (name: string): string => name.replace(/^mcp__/, '').replace('__', '.')

function Tools({ tools }: { readonly tools: Analytics['top_tools'] }) {
  const calls = tools.reduce((sum, tool) => sum + tool.count, 0)
  const most = tools[0]?.count ?? 1
  return (
    <Card title="Tool usage" aside={`${exactCount(calls)} calls`}>
      {tools.length === 0 ? (
        <p className="quiet">No answer has called a tool in this time.</p>
      ) : (
        <ul className={styles.tools}>
          {tools.map(({ name, count: calls, is_mcp }) => (
            <li key={name}>
              <span className={styles.tool}>
                <code className="truncated" title={name}>
                  {is_mcp ? toolName(name) : name}
                </code>
                {is_mcp && <Badge>MCP</Badge>}
              </span>
              <span className="figure" title={exactCount(calls)}>
                {count(calls)}
              </span>
              <span className={styles.bar}>
                <Bar share={calls / most} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Unpriced({ data }: { readonly data: Analytics }) {
  const requests = data.unpriced_rows === 1 ? '1 request is' : `${exactCount(data.unpriced_rows)} requests are`
  return (
    <span>
      {data.unpriced_models.join(', ')} {data.unpriced_models.length === 1 ? 'has' : 'have'} no price: {requests}{' '}
      estimated at the default rate.
    </span>
  )
}
