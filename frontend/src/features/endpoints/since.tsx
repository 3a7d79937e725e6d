import type { Endpoint } from '../../api/endpoint-types.ts'
import { fullTime, relative } from '../../format/time.ts'
import { useNow } from '../../shell/now.ts'
import { Time } from '../../ui/time.tsx'
import { sinceOf } from './endpoint-state.ts'

/** A sentence of its own: when the state changed. */
export function Since({ of: endpoint }: { readonly of: Endpoint }) {
  const now = useNow()
  const at = sinceOf(endpoint)
  if (at === undefined) return null
  return (
    <>
      Noticed <Time iso={at} text={relative(at, now)} full={fullTime(at)} />.
    </>
  )
}
