/** What the gateway says of people and keys, by name. */
import type { AnswerOf } from './client.ts'

export type MemberPage = AnswerOf<'GET /admin/users'>
export type Member = MemberPage['users'][number]
export type Team = AnswerOf<'GET /admin/teams'>['teams'][number]
export type KeyPage = AnswerOf<'GET /admin/keys'>
export type Key = KeyPage['keys'][number]
