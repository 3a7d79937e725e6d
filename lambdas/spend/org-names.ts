/** What people, teams and endpoints are called. Who or what is gone is called by its id. */

/** How a row without a team is named, in filters and answers. */
export const NO_TEAM = '__none__'

export interface OrgNames {
  /** Identity → who that is. */
  readonly people: ReadonlyMap<string, { readonly email: string; readonly displayName: string | null }>
  /** Id → name. */
  readonly teams: ReadonlyMap<string, string>
  readonly endpoints: ReadonlyMap<string, string>
}

export const userName = ({ people }: OrgNames, identity: string): string => people.get(identity)?.email ?? identity

export const teamName = ({ teams }: OrgNames, id: string | null): string =>
  id === null ? NO_TEAM : (teams.get(id) ?? id)

export const endpointName = ({ endpoints }: OrgNames, id: string): string => endpoints.get(id) ?? id
