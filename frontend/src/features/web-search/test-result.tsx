import type { ProviderTest } from '../../api/web-search-types.ts'
import { duration } from '../../format/number.ts'
import { Notice } from '../../ui/notice.tsx'
import styles from './web-search.module.css'

/** More say nothing more. */
const MOST_SHOWN = 3

/** What a search has found is the word of others: it is shown as text, and leads nowhere but to pages of the web. */
const isWebPage = (url: string): boolean => /^https?:$/.test(URL.parse(url)?.protocol ?? '')

export function TestResult({ test, error }: { readonly test: ProviderTest | undefined; readonly error: Error | null }) {
  if (error !== null) {
    return (
      <Notice kind="danger" title="Nothing was tested">
        {error.message}
      </Notice>
    )
  }
  if (test === undefined) return null
  if (!test.success) {
    return (
      <Notice kind="danger" title="Test failed">
        {test.error}
      </Notice>
    )
  }
  const { result_count, results, duration_ms } = test
  return (
    <Notice
      kind="ok"
      title={`Test passed: ${result_count} ${result_count === 1 ? 'result' : 'results'} in ${duration(duration_ms)}`}
    >
      <ol className={styles.hits}>
        {results.slice(0, MOST_SHOWN).map(({ title, url, snippet }) => (
          <li key={url}>
            {isWebPage(url) ? (
              <a className="link" href={url} target="_blank" rel="noopener noreferrer nofollow" dir="auto">
                {title === '' ? url : title}
              </a>
            ) : (
              <span dir="auto">{title}</span>
            )}
            <p dir="auto">{snippet}</p>
          </li>
        ))}
      </ol>
    </Notice>
  )
}
