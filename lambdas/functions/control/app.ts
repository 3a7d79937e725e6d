/** The control plane's HTTP app. */
import { Hono } from 'hono'
import type { HttpEnvironment } from '../../http/invocation.ts'

export function controlApp(): Hono<HttpEnvironment> {
  const app = new Hono<HttpEnvironment>()
  app.notFound((c) => c.json({ type: 'error', error: { type: 'admin_error', message: 'There is nothing at this path.' } }, 404))
  return app
}
