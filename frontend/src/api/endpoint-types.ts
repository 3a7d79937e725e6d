/** What the gateway says of endpoints and routing, by name. */
import type { AnswerOf } from './client.ts'

type EndpointList = AnswerOf<'GET /admin/endpoints'>
export type Endpoint = EndpointList['endpoints'][number]
export type GatewayPlace = EndpointList['gateway']
export type EndpointDetails = AnswerOf<'GET /admin/endpoints/{id}'>
export type EndpointStatus = AnswerOf<'GET /admin/health/status'>['endpoints'][number]
export type ListedModel = AnswerOf<'GET /admin/endpoints/{id}/models'>['models'][number]
export type Quota = Extract<AnswerOf<'GET /admin/endpoints/{id}/quotas'>, { service: string }>['quotas'][number]
export type Tested = AnswerOf<'POST /admin/endpoints/{id}/test'>
export type BetaOverride = AnswerOf<'GET /admin/beta-overrides'>['overrides'][number]
export type EffectiveRules = AnswerOf<'GET /admin/bedrock/rules'>
export type TeamRouting = AnswerOf<'GET /admin/teams/{id}/endpoints'>
