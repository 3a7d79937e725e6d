import type { Analytics } from '../../api/queries.ts'
import { modelName } from '../../format/model-name.ts'
import { exactly, money } from '../../format/money.ts'
import { count, duration, exactCount, percent } from '../../format/number.ts'
import { Bar } from '../../ui/bar.tsx'
import table from '../../ui/table.module.css'
import styles from './model-table.module.css'

interface ModelTableProps {
  readonly models: Analytics['models']
  readonly totals: Analytics['totals']
  colourOf(model: string): string
}

export function ModelTable({ models, totals, colourOf }: ModelTableProps) {
  return (
    <section className={table.frame} aria-label="Cost by model">
      <table className={table.table}>
        <caption className="unseen">Cost by model, most expensive first</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className={table.number}>
              Requests
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Input
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Output
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Cache read
            </th>
            <th scope="col" className={`${table.number} ${table.wide}`}>
              Cache written
            </th>
            <th scope="col" className={`${table.number} ${table.middle}`}>
              Latency
            </th>
            <th scope="col" className={table.number}>
              Cost
            </th>
            <th scope="col" className={table.middle}>
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((one) => {
            const share = totals.total_cost_usd === 0 ? 0 : one.cost_usd / totals.total_cost_usd
            return (
              <tr key={one.model}>
                <th scope="row" title={one.model}>
                  <span className={styles.model}>
                    <i style={{ background: colourOf(one.model) }} aria-hidden />
                    {modelName(one.model)}
                  </span>
                </th>
                <td className={table.number}>{exactCount(one.request_count)}</td>
                <Tokens value={one.total_input} />
                <Tokens value={one.total_output} />
                <Tokens value={one.total_cache_read} />
                <Tokens value={one.total_cache_write} />
                <td className={`${table.number} ${table.minor} ${table.middle}`}>{duration(one.avg_duration_ms)}</td>
                <td className={`${table.number} ${table.major}`} title={exactly(one.cost_usd)}>
                  {money(one.cost_usd)}
                </td>
                <td className={table.middle}>
                  <span className={styles.share}>
                    <span className={styles.bar}>
                      <Bar share={share} colour={colourOf(one.model)} />
                    </span>
                    {percent(share)}
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td className={table.number}>{exactCount(totals.requests)}</td>
            <Tokens value={totals.input_tokens} />
            <Tokens value={totals.output_tokens} />
            <Tokens value={totals.cache_read_tokens} />
            <Tokens value={totals.cache_write_tokens} />
            <td className={`${table.number} ${table.middle}`}>{duration(totals.avg_duration_ms)}</td>
            <td className={`${table.number} ${table.major}`} title={exactly(totals.total_cost_usd)}>
              {money(totals.total_cost_usd)}
            </td>
            <td className={table.middle} />
          </tr>
        </tfoot>
      </table>
    </section>
  )
}

function Tokens({ value }: { readonly value: number }) {
  return (
    <td className={`${table.number} ${table.minor} ${table.wide}`} title={exactCount(value)}>
      {count(value)}
    </td>
  )
}
