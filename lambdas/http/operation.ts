/** A route of the contract with what it does. `mount.routes.ts` puts it on the web; its types are checked against the route. */
import type * as z from 'zod'
import type { Route } from '../../contract/route.ts'
import type { Caller, Person } from '../identity/caller.ts'
import type { Instant } from '../platform/instant.ts'

type Read<S> = S extends z.ZodType ? z.output<S> : undefined

export interface Call<R extends Route, Who> {
  readonly caller: Who
  readonly params: Read<R['params']>
  readonly query: Read<R['query']>
  readonly body: Read<R['body']>
  readonly at: Instant
  readonly requestId: string
  readonly clientAddress: string
  /** The host (and port) by which the distribution was asked, in its own word; `null` where it said none. */
  readonly gatewayHost: string | null
}

/** One of the answers that the route names. */
export type Answer<R extends Route> = {
  readonly [S in keyof R['responses'] & number]: {
    readonly status: S
    readonly body: R['responses'][S] extends z.ZodType ? BodyOf<R, R['responses'][S]> : never
    readonly headers?: Readonly<Record<string, string>>
  }
}[keyof R['responses'] & number]

type BodyOf<R extends Route, S extends z.ZodType> = R['answersIn'] extends 'csv'
  ? ReadableStream<Uint8Array>
  : z.input<S>

type CallerOf<R extends Route> = R['access'] extends 'public' ? null : Person

/** What is known of an operation once its types have been checked. */
export interface Operation {
  readonly route: Route
  /** `session`: people only. `any`: virtual keys too. */
  readonly credentials: 'session' | 'any'
  readonly handle: (call: Call<Route, Caller | null>) => Promise<UncheckedAnswer>
}

interface UncheckedAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Two calls, so that the route is settled when the handler's types are checked: `operation(route)(handler)`. */
export const operation =
  <const R extends Route>(route: R) =>
  (handle: (call: Call<R, CallerOf<R>>) => Promise<Answer<R>>): Operation => ({
    route,
    credentials: 'session',
    handle: handle as unknown as Operation['handle'],
  })

/** An operation that the holder of a virtual key may call as well. */
export const operationForKeysToo =
  <const R extends Route>(route: R) =>
  (handle: (call: Call<R, Caller>) => Promise<Answer<R>>): Operation => ({
    route,
    credentials: 'any',
    handle: handle as unknown as Operation['handle'],
  })
