/** What becomes of teams when an endpoint changes, in the words of a question. */
import type { Endpoint } from '../../api/endpoint-types.ts'
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

/** A team's requests go to its own endpoints and nowhere else. */
const refusals = (teams: readonly Named[]): string =>
  teams.length === 0
    ? ''
    : ` ${names(teams)} ${teams.length === 1 ? 'has' : 'have'} no other that is enabled: until there is one, their requests are refused.`

export function effectOfDefault(all: readonly Endpoint[], teams: number): string {
  const before = all.find((endpoint) => endpoint.is_default)
  const whose = `${plural(teams, 'team')} without endpoints of their own, and everybody without a team`
  return `It serves ${whose}, from their next request on.${before === undefined ? '' : ` Now ${before.name} does.`} What Bedrock has cached there for them is paid for once more.`
}

const LAST = 'It is the only endpoint: without it no request can be served.'

const theyHave = (teams: readonly Named[]): string => `${names(teams)} ${teams.length === 1 ? 'has' : 'have'}`

export function effectOfDisable(endpoint: Endpoint, all: readonly Endpoint[]): string {
  if (all.length < 2) return LAST
  if (endpoint.teams.length === 0) return 'No team has it in its list. Whatever is under way is finished.'
  return `${theyHave(endpoint.teams)} it in their list; from the next request on it is passed over.${refusals(stranded(endpoint, all))}`
}

export function effectOfDelete(
  endpoint: Endpoint,
  all: readonly Endpoint[],
  { profiles, betas }: { readonly profiles: number; readonly betas: number },
): string {
  const parts = [
    ...(profiles > 0 ? [plural(profiles, 'application inference profile')] : []),
    ...(betas > 0 ? [plural(betas, 'beta override')] : []),
  ]
  const along = parts.length === 0 ? '' : ` Deleted along with it: ${listed(parts)}.`
  return `${all.length < 2 ? LAST : listsWithout(endpoint, all)}${along} This cannot be undone; what it has cost stays on the books.`
}

function listsWithout(endpoint: Endpoint, all: readonly Endpoint[]): string {
  if (endpoint.teams.length === 0) return 'No team has it in its list.'
  const hasAnother = ({ id }: Named): boolean =>
    all.some((other) => other.id !== endpoint.id && other.teams.some((one) => one.id === id))
  const left = stranded(endpoint, all)
  const emptied = left.filter((team) => !hasAnother(team))
  const toDefault = emptied.length === 0 ? '' : ` ${theyHave(emptied)} no other and will go by the default endpoint.`
  return `It leaves the list of ${names(endpoint.teams)}.${toDefault}${refusals(left.filter(hasAnother))}`
}
