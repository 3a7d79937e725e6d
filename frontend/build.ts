/** Makes the portal's files. The deployment uploads them, `npm start` serves them. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** @returns the folder they are in. */
export async function buildPortal(): Promise<string> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  // Whatever the caller's own says: what is deployed is also what the tests see, and it is not React for developers.
  process.env.NODE_ENV = 'production'
  await build({ configFile: `${root}vite.config.ts`, root, logLevel: 'error' })
  return `${root}dist`
}
