/** What becomes of teams when an endpoint changes, in the words of a question. */
import type { Endpoint } from '../../api/endpoint-queries.ts'
import { listed, plural } from './endpoint-state.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** Teams that go by the default endpoint. */
export const defaulted = <T extends Named>(teams: readonly T[], all: readonly Endpoint[]): readonly T[] => {
  const listing = new Set(all.flatMap((endpoint) => endpoint.teams.map(({ id }) => id)))
  return teams.filter(({ id }) => !listing.has(id))
}

const names = (teams: readonly Named[]): string => listed(teams.map(({ name }) => name))

/** Teams that have no other endpoint in their list that is enabled. */
const stranded = ({ id, teams }: Endpoint, all: readonly Endpoint[]): readonly Named[] =>
  teams.filter(
    (team) => !all.some((other) => other.id !== id && other.enabled && other.teams.some((one) => one.id === team.id)),
  )

const onlyOne = (endpoint: Endpoint, all: readonly Endpoint[]): string => {
  const left = stranded(endpoint, all)
  return left.length === 0 ? '' : ` It is the only enabled one of ${names(left)}.`
}

export function effectOfDefault(all: readonly Endpoint[], teams: number): string {
  const before = all.find((endpoint) => endpoint.is_default)
  const whose = `${plural(teams, 'team')} without endpoints of their own, and everybody without a team`
  return `It serves ${whose}, from their next request on.${before === undefined ? '' : ` Now ${before.name} does.`} What Bedrock has cached there for them is paid for once more.`
}

export const effectOfDisable = (endpoint: Endpoint, all: readonly Endpoint[]): string =>
  endpoint.teams.length === 0
    ? 'No team has it in its list. Whatever is under way is finished.'
    : `${names(endpoint.teams)} ${endpoint.teams.length === 1 ? 'has' : 'have'} it in their list; from the next request on it is passed over.${onlyOne(endpoint, all)}`

export function effectOfDelete(
  endpoint: Endpoint,
  all: readonly Endpoint[],
  { profiles, betas }: { readonly profiles: number; readonly betas: number },
): string {
  const lists =
    endpoint.teams.length === 0
      ? 'No team has it in its list.'
      : `It leaves the list of ${names(endpoint.teams)}.${onlyOne(endpoint, all)}`
  const parts = [
    ...(profiles > 0 ? [plural(profiles, 'application inference profile')] : []),
    ...(betas > 0 ? [plural(betas, 'beta override')] : []),
  ]
  const along = parts.length === 0 ? '' : ` Deleted along with it: ${listed(parts)}.`
  return `${lists}${along} This cannot be undone; what it has cost stays on the books.`
}
