/**
 * A route of the control plane as data. The server mounts exactly these, the portal calls them, and the OpenAPI document
 * is made from them, so that none of the three can differ. There is no server code here.
 */
import type * as z from 'zod'

/** `public`: no credential is looked at. `any`: any active user of the portal. `admin`: the user's role is admin. */
export type Access = 'public' | 'any' | 'admin'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Route {
  readonly method: Method
  /** Parameters in braces: `/admin/keys/{id}`. */
  readonly path: string
  readonly access: Access
  /** One sentence for the reader of the API document. */
  readonly summary: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  /** Parameters of the query that come as a list where they are given more than once; of others the first one counts. */
  readonly repeatable?: readonly string[]
  /** Strict: an unknown member is an error that names it. */
  readonly body?: z.ZodType
  /**
   * How a success is written; refusals are JSON always. Absent: JSON. `text` is for answers that are one string, `csv` (RFC 4180)
   * for those that are sent while they are made.
   */
  readonly answersIn?: 'json' | 'text' | 'csv'
  /** By status. What a schema does not name is left out of the answer. */
  readonly responses: Readonly<Record<number, z.ZodType>>
}

/** Keeps the literal types of a route, so that handler and caller are checked against them. */
export const route = <const R extends Route>(definition: R): R => definition

/** `POST /admin/keys` */
export const nameOfRoute = (one: Pick<Route, 'method' | 'path'>): string => `${one.method} ${one.path}`
