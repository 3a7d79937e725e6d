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
 * | price          | PRICE                 | <model>#<scope>#<tier>#<from> | –         | –                           | –                           |
 * | models offered | ENDPOINT#<id>         | MODELS   | –                      | –                           | –                           |
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

export const PRICE_PARTITION = 'PRICE'
export const priceKey = (model: string, scope: string, tier: string, from: string): TableKey => ({
  PK: PRICE_PARTITION,
  SK: `${model}#${scope}#${tier}#${from}`,
})

/** What an endpoint's account and region offer, as `watch` last found it. */
export const endpointModelsKey = (endpointId: string): TableKey => ({ PK: `ENDPOINT#${endpointId}`, SK: 'MODELS' })

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
