import { Ellipsis, Pencil, Undo2 } from 'lucide-react'
import type { PriceRow } from '../../api/pricing-types.ts'
import { modelName } from '../../format/model-name.ts'
import { exactly, rate } from '../../format/money.ts'
import { exactCount } from '../../format/number.ts'
import { dateOf, fullTime } from '../../format/time.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import table from '../../ui/table.module.css'
import { Time } from '../../ui/time.tsx'
import styles from './price-table.module.css'
import { RATES, type RateName, scopeName, sourceName, tierName } from './rates.ts'

interface PriceTableProps {
  readonly rows: readonly PriceRow[]
  /** Scopes, days and what does not hold are among it. */
  readonly everything: boolean
  readonly onEdit: (row: PriceRow) => void
  readonly onReset: (row: PriceRow) => void
}

/** On a phone there is room for what matters most. */
const WIDTHS: Readonly<Record<RateName, string | undefined>> = {
  input_rate: undefined,
  output_rate: undefined,
  cache_read_rate: table.middle,
  cache_write_rate: table.middle,
  cache_write_1h_rate: table.wide,
}

export function PriceTable({ rows, everything, onEdit, onReset }: PriceTableProps) {
  return (
    <div className={table.frame}>
      <table className={`${table.table} ${styles.prices}`}>
        <caption className="unseen">Prices in US dollars per million tokens</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            {RATES.map(({ name, short, text }) => (
              <th key={name} scope="col" className={`${table.number} ${WIDTHS[name] ?? ''}`} title={text}>
                {short}
              </th>
            ))}
            <th scope="col" className={table.middle}>
              Source
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              From
            </th>
            <th scope="col">
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={[row.model_prefix, row.scope, row.tier, row.source, row.effective_from].join()}
              of={row}
              everything={everything}
              onEdit={onEdit}
              onReset={onReset}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowProps extends Omit<PriceTableProps, 'rows'> {
  readonly of: PriceRow
}

function Row({ of: row, everything, onEdit, onReset }: RowProps) {
  const where = [...(everything ? [scopeName(row.scope)] : []), ...(row.tier === 'default' ? [] : [tierName(row.tier)])]
  const name = [modelName(row.model_prefix), ...where].join(', ')
  const { long_prompt: long } = row
  return (
    <tr className={row.in_force ? undefined : styles.past}>
      <th scope="row" className={styles.model}>
        <span className={styles.name}>
          <span className="truncated" title={row.model_prefix}>
            {modelName(row.model_prefix)}
          </span>
          {where.map((word) => (
            <Badge key={word}>{word}</Badge>
          ))}
        </span>
        <span className={styles.second}>
          <Standing of={row} /> {long !== null && <>Over {exactCount(long.above_tokens)} tokens: </>}
          {long !== null && `${rate(long.input_rate)} in, ${rate(long.output_rate)} out`}
        </span>
      </th>
      {RATES.map(({ name: of }) => (
        <td key={of} className={`${table.number} ${WIDTHS[of] ?? ''}`} title={exactly(row[of])}>
          {rate(row[of])}
        </td>
      ))}
      <td className={table.middle}>
        <Badge kind={row.source === 'admin_manual' ? 'chosen' : 'plain'}>{sourceName(row.source)}</Badge>
      </td>
      <td className={`${table.number} ${table.minor} ${table.wide}`}>
        {row.updated_by === null ? (
          <span title="It came with the release">{dateOf(row.effective_from)}</span>
        ) : (
          <Time
            iso={row.effective_from}
            text={dateOf(row.effective_from)}
            full={`Set by ${row.updated_by}, ${fullTime(row.updated_at)}`}
          />
        )}
      </td>
      <td className={styles.acts}>
        <Menu
          label={`Actions for ${name}`}
          trigger={
            <Button kind="ghost" icon aria-label={`Actions for ${name}`}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          }
          actions={[
            { id: 'edit', text: 'Edit…', icon: <Pencil size={15} aria-hidden />, run: () => onEdit(row) },
            ...(row.source === 'admin_manual'
              ? [
                  {
                    id: 'reset',
                    text: 'Reset…',
                    icon: <Undo2 size={15} aria-hidden />,
                    apart: true,
                    run: () => onReset(row),
                  },
                ]
              : []),
          ]}
        />
      </td>
    </tr>
  )
}

/** Why a row does not hold, where it does not. */
function Standing({ of: { in_force, overridden_by, effective_from } }: { readonly of: PriceRow }) {
  if (in_force) return null
  if (overridden_by === null) return <>From {dateOf(effective_from)}. </>
  return <>{overridden_by === 'admin_manual' ? 'Under a price set by hand. ' : 'Replaced by a later one. '}</>
}
