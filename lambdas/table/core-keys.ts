/**
 * The Core table: who may do what. Every key of it is built on this page and nowhere else.
 *
 * | item           | PK                    | SK       | GSI1                   | GSI2                        | GSI3                        |
 * |----------------|-----------------------|----------|------------------------|-----------------------------|-----------------------------|
 * | user           | USER#<id>             | META     | USERS / <email_lc>     | TEAM#<id or none> / USER#<email_lc> | –                   |
 * | unique e-mail  | UQ#EMAIL#<email_lc>   | META     | –                      | –                           | –                           |
 * | team           | TEAM#<id>             | META     | TEAMS / <name_lc>      | –                           | –                           |
 * | unique team    | UQ#TEAM#<name_lc>     | META     | –                      | –                           | –                           |
 * | virtual key    | KEYHASH#<sha256>      | META     | KEYS / <created>#<id>  | TEAM#<id>#KEYS / <created>#<id> | USER#<id>#KEYS / <created>#<id> |
 * | key by id      | KEY#<id>              | META     | –                      | –                           | –                           |
 * | session        | SESSION#<sid>         | META     | –                      | –                           | USER#<id>#SESSIONS / <created> |
 * | price          | PRICE                 | <model>#<scope>#<tier>#<from>, and #<source> but for a seed | – | –         | –                           |
 * | last refresh of prices | REFRESH#PRICES | META    | –                      | –                           | –                           |
 * | endpoint, health, models | ENDPOINTS   | <id>#META, <id>#HEALTH, <id>#MODELS | – | –                           | –                           |
 * | application profile | ENDPOINTS        | <id>#AIP#<model> | –              | –                           | –                           |
 * | beta override  | ENDPOINTS             | <id>#BETA#<profile>#<beta> | –    | –                           | –                           |
 * | default endpoint, rules, stamp | ENDPOINTS | DEFAULT, RULES, STAMP | –     | –                           | –                           |
 * | budget settings | SETTING             | BUDGETS  | –                      | –                           | –                           |
 * | web search: mode, provider for all | SETTING | WEBSEARCH | –              | –                           | –                           |
 * | a person's search providers | USER#<id> | SEARCH | –                      | –                           | –                           |
 * | destination of notifications, its draft | NOTIFICATIONS | ACTIVE, DRAFT | – | –                   | –                           |
 * | config stamp   | VERSION               | META     | –                      | –                           | –                           |
 *
 * Sessions carry `expires_at` (epoch seconds, the table's TTL attribute); TTL lags, so readers compare it themselves.
 */

export interface TableKey {
  readonly PK: string
  readonly SK: string
}

const meta = (PK: string): TableKey => ({ PK, SK: 'META' })

export const userKey = (userId: string): TableKey => meta(`USER#${userId}`)
export const uniqueEmailKey = (emailLowerCase: string): TableKey => meta(`UQ#EMAIL#${emailLowerCase}`)
export const teamKey = (teamId: string): TableKey => meta(`TEAM#${teamId}`)
export const uniqueTeamNameKey = (nameLowerCase: string): TableKey => meta(`UQ#TEAM#${nameLowerCase}`)
/** @param sha256 Lower-case hex of SHA-256 over the whole raw key. */
export const virtualKeyKey = (sha256: string): TableKey => meta(`KEYHASH#${sha256}`)
export const virtualKeyByIdKey = (keyId: string): TableKey => meta(`KEY#${keyId}`)
export const sessionKey = (sessionId: string): TableKey => meta(`SESSION#${sessionId}`)

/** One counter per domain of configuration, e.g. `prices`; whoever changes one adds 1 in the same transaction. */
export const configStampKey: TableKey = meta('VERSION')

/** The default budget, and how a spent budget is told. Read with every allowance. */
export const budgetSettingsKey: TableKey = { PK: 'SETTING', SK: 'BUDGETS' }
/** Who may search the web, and by whose means. */
export const webSearchKey: TableKey = { PK: 'SETTING', SK: 'WEBSEARCH' }
/** All providers of a person in one item: which of them is active is one member of it, so that there are never two. */
export const searchProvidersKey = (userId: string): TableKey => ({ PK: `USER#${userId}`, SK: 'SEARCH' })
export const notificationSlotKey = (slot: 'active' | 'draft'): TableKey => ({
  PK: 'NOTIFICATIONS',
  SK: slot.toUpperCase(),
})

export const PRICE_PARTITION = 'PRICE'
/** @param source Prices of several sources lie beside one another, so that taking one away leaves the next. */
export const priceKey = (model: string, scope: string, tier: string, from: string, source: string): TableKey => ({
  PK: PRICE_PARTITION,
  SK: [model, scope, tier, from, ...(source === 'seed' ? [] : [source])].join('#'),
})
export const priceRefreshKey: TableKey = meta('REFRESH#PRICES')

/**
 * All that requests are routed by lies in one partition, so that one strongly consistent query reads it. It is read when the
 * configuration's stamp has moved, and by the administrator.
 */
export const ENDPOINTS_PARTITION = 'ENDPOINTS'
const inEndpoints = (SK: string): TableKey => ({ PK: ENDPOINTS_PARTITION, SK })
export const endpointKey = (endpointId: string): TableKey => inEndpoints(`${endpointId}#META`)
/** How it is, as `watch` found it. */
export const endpointHealthKey = (endpointId: string): TableKey => inEndpoints(`${endpointId}#HEALTH`)
/** What its account and region offer, as `watch` last found it. */
export const endpointModelsKey = (endpointId: string): TableKey => inEndpoints(`${endpointId}#MODELS`)
/** @param model Anthropic's undated name */
export const applicationProfileKey = (endpointId: string, model: string): TableKey =>
  inEndpoints(`${endpointId}#AIP#${model}`)
export const betaOverrideKey = (endpointId: string, profile: string, beta: string): TableKey =>
  inEndpoints(`${endpointId}#BETA#${profile}#${beta}`)
export const defaultEndpointKey: TableKey = inEndpoints('DEFAULT')
export const translationRulesKey: TableKey = inEndpoints('RULES')
/** The same number as the `endpoints` of the configuration's stamp, written along with it: which version a query has read. */
export const endpointsStampKey: TableKey = inEndpoints('STAMP')

/** Values of GSI1PK: the lists. */
export const USERS_LIST = 'USERS'
export const TEAMS_LIST = 'TEAMS'
export const KEYS_LIST = 'KEYS'
/** Values of GSI2PK. */
export const membersOfTeam = (teamId: string | null): string => `TEAM#${teamId ?? 'none'}`
export const keysOfTeam = (teamId: string): string => `TEAM#${teamId}#KEYS`
/** Values of GSI3PK. */
export const keysOfUser = (userId: string): string => `USER#${userId}#KEYS`
export const sessionsOfUser = (userId: string): string => `USER#${userId}#SESSIONS`
