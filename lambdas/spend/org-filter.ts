/** Which hours are asked for: by team, person, model and endpoint. Within one of them any name will do; all of them must hold. */
import type { HourPart } from './hour-use.ts'
import { NO_TEAM, type OrgNames } from './org-names.ts'

/** As it came: once, or several times. */
type Given = string | readonly string[] | undefined

export interface Wishes {
  readonly team?: Given
  readonly user?: Given
  readonly model?: Given
  readonly endpoint?: Given
}

/** Ids; `null` where nothing is filtered. */
export interface OrgFilter {
  readonly teams: ReadonlySet<string | null> | null
  readonly identities: ReadonlySet<string> | null
  readonly models: ReadonlySet<string> | null
  readonly endpoints: ReadonlySet<string> | null
}

export function filterOf(wishes: Wishes, names: OrgNames): OrgFilter {
  const emails = new Map([...names.people].map(([id, { email }]) => [email.toLowerCase(), id]))
  const teams = idsByName(names.teams)
  const endpoints = idsByName(names.endpoints)
  return {
    teams: setOf(wishes.team, teams, (name) => (name === NO_TEAM ? [null] : (teams.get(name) ?? [name]))),
    identities: setOf(wishes.user, new Map(), (name) => [emails.get(name.toLowerCase()) ?? name]),
    models: setOf(wishes.model, new Map(), (name) => [name]),
    endpoints: setOf(wishes.endpoint, endpoints, (name) => endpoints.get(name) ?? [name]),
  }
}

/** Endpoints may share a name. */
function idsByName(names: ReadonlyMap<string, string>): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const [id, name] of names) ids.set(name, [...(ids.get(name) ?? []), id])
  return ids
}

function setOf<T>(
  given: Given,
  known: ReadonlyMap<string, unknown>,
  idsOf: (name: string) => readonly T[],
): ReadonlySet<T> | null {
  const names = [given ?? []].flat().flatMap((value) => namesIn(value.trim(), known))
  return names.length === 0 ? null : new Set(names.flatMap(idsOf))
}

/** A name may have a comma in it: what is known as a whole is not taken apart. */
function namesIn(value: string, known: ReadonlyMap<string, unknown>): string[] {
  if (known.has(value)) return [value]
  return value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export const passes = (filter: OrgFilter, part: HourPart): boolean =>
  (filter.teams === null || filter.teams.has(part.team)) &&
  (filter.identities === null || filter.identities.has(part.identity)) &&
  (filter.models === null || filter.models.has(part.model)) &&
  (filter.endpoints === null || filter.endpoints.has(part.endpoint))
