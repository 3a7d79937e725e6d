/** Makes the portal's files. The deployment uploads them, `npm start` serves them. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** @returns the folder they are in. */
export async function buildPortal(): Promise<string> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  await build({ configFile: `${root}vite.config.ts`, root, logLevel: 'error' })
  return `${root}dist`
}
