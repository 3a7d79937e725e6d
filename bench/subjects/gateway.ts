/** This gateway as a plain server, and its deployed bundle behind the emulated function URL. Both work on one deployment. */
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, stop } from 'esbuild'
import { VERSION } from '../../lambdas/platform/version.ts'
import { freePort } from '../../local/free-port.ts'
import type { Deployment } from '../children/deployment.ts'
import { type Helper, start, untilItAnswers } from '../processes.ts'
import { MODEL } from '../workload.ts'
import { endsWithMessageStop, type Subject, type Surroundings } from './subject.ts'

const targetOf = (url: string, key: string) => ({
  url: `${url.replace(/\/$/, '')}/v1/messages`,
  headers: { authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' },
  isWhole: endsWithMessageStop,
})

const LONGEST_START_MS = 20_000

export async function startPlainServer({ ready }: Helper<Deployment>, { folder }: Surroundings): Promise<Subject> {
  const bundle = join(folder, 'server.mjs')
  await bundleServer(bundle)
  const port = await freePort()
  const log = openSync(join(folder, 'server.log'), 'w')
  const preload = new URL('../children/database-wait.mjs', import.meta.url).href
  const server = start(process.execPath, ['--import', preload, bundle], {
    env: { ...ready.environment, HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', log, log, 'ipc'],
  })
  const url = `http://127.0.0.1:${port}`
  await untilItAnswers(`${url}/api/hello`, server, LONGEST_START_MS)
  return {
    name: 'gateway',
    title: 'this gateway, plain server',
    version: VERSION,
    target: targetOf(url, ready.key),
    model: MODEL,
    pids: async () => [server.pid],
    pidsBeside: () => [ready.databasePid],
    databaseWaitsMs: () =>
      new Promise((resolve) => {
        server.once('message', (waits) => resolve(waits as readonly number[]))
        server.send('waits')
      }),
    stop: () => server.stop(),
  }
}

/** The same server, for a team whose endpoint speaks to Bedrock's own Messages API. */
export const nativeSubject = (plain: Subject, { ready }: Helper<Deployment>): Subject => ({
  ...plain,
  name: 'native',
  title: 'this gateway, plain server, Messages API',
  target: { ...plain.target, headers: { ...plain.target.headers, authorization: `Bearer ${ready.nativeKey}` } },
  // The server is ended by whoever started it.
  stop: async () => {},
})

/** As `lib/constructs/gateway-function.ts` has the functions bundled. */
async function bundleServer(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('../../lambdas/functions/messages/server.ts', import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  })
  // Its service would stay and be measured along.
  await stop()
}

export function lambdaSubject(deployment: Helper<Deployment>): Subject {
  const { ready } = deployment
  return {
    name: 'lambda',
    title: 'this gateway, emulated Lambda',
    version: VERSION,
    target: targetOf(ready.messagesUrl, ready.key),
    model: MODEL,
    pids: () => deployment.ask<number[]>('environments'),
    pidsBeside: () => [deployment.pid, ready.databasePid],
    // The deployment is ended by whoever started it.
    stop: async () => {},
  }
}
