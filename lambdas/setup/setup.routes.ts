/** Setup tokens under `/admin`, and what a script on somebody's machine calls and is, under `/auth/setup`. */
import * as contract from '../../contract/setup.ts'
import { type Operation, operation } from '../http/operation.ts'
import { type Instant, isoOf } from '../platform/instant.ts'
import type { SearchSettingsStore } from '../web/search-settings.store.ts'
import { type FollowingTools, followSetupToken, type MakingTools, makeSetupToken } from './make-setup-token.flow.ts'
import { removeScript, setupScript } from './script.ts'
import { newTokenOf, stateOf } from './setup-token.ts'
import { confirmSetup, exchangeSetupToken, type UsingTools } from './use-setup-token.flow.ts'

export type SetupTools = MakingTools &
  FollowingTools &
  UsingTools & {
    readonly baseUrl: string
    readonly searchSettings: Pick<SearchSettingsStore, 'ofAll'>
  }

export const setupOperations = (tools: SetupTools): readonly Operation[] => [
  ...tokenOperations(tools),
  ...scriptOperations(tools),
]

const timeOf = (at: Instant | null): string | null => (at === null ? null : isoOf(at))

const tokenOperations = (tools: SetupTools): readonly Operation[] => [
  operation(contract.createSetupToken)(async ({ params, body, ...request }) => {
    const { raw, token } = await makeSetupToken(params.id, body.raw_key, request, tools)
    return { status: 200, body: { ...newTokenOf(raw, token), expires_in_secs: contract.SETUP_TOKEN_SECONDS } }
  }),
  operation(contract.readSetupToken)(async ({ params, ...request }) => {
    const { token, firstRequestAt } = await followSetupToken(params.id, request, tools)
    const body = {
      id: token.id,
      key_id: token.keyId,
      state: stateOf(token, request.at),
      expires_at: isoOf(token.expiresAt),
      fetched_at: timeOf(token.fetchedAt),
      used_at: timeOf(token.usedAt),
      used_from: token.usedFrom,
      first_request_at: timeOf(firstRequestAt),
    }
    return { status: 200, body }
  }),
]

const scriptOperations = (tools: SetupTools): readonly Operation[] => [
  operation(contract.exchangeSetupToken)(async ({ body, ...request }) => {
    const { rawKey, name } = await exchangeSetupToken({ ...request, token: body.token }, tools)
    return { status: 200, body: { key: rawKey, base_url: tools.baseUrl, name } }
  }),
  operation(contract.confirmSetup)(async ({ body, ...request }) => {
    await confirmSetup({ ...request, ...body }, tools)
    return { status: 200, body: { confirmed: true } }
  }),
  operation(contract.setupScript)(async ({ query, gatewayHost }) => {
    const { platform, token, scope } = query
    const { mode } = await tools.searchSettings.ofAll()
    const deniesSearch = mode === 'disabled'
    const asked = { platform, token, scope, gatewayHost, baseUrl: tools.baseUrl, deniesSearch }
    return { status: 200, body: setupScript(asked) }
  }),
  operation(contract.removeScript)(async ({ query, gatewayHost }) => ({
    status: 200,
    body: removeScript({ platform: query.platform, gatewayHost }),
  })),
]
