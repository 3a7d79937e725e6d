/** `npm start`: the whole gateway on this machine, ready to be used, until Ctrl-C. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findAwsAccess } from '../local/aws/own-credentials.ts'
import { type Gateway, type GatewayOptions, startGateway, synthesize } from '../local/gateway.ts'

const HELP = `npm start [-- options]

Runs the whole gateway on this machine until Ctrl-C.

  --json       one JSON line on stdout when ready, logs on stderr
  --aws        the real Bedrock, with your own AWS credentials and region
  --throttle   answer 429 when all environments are busy, as Lambda does, instead of waiting
  --help       this text

  PORT                     where it listens (8787)
  GATEWAY_DATA_DIR         where its data stays (.local)
  ADMIN_PASSWORD           the administrator's password, instead of a generated one
  AWS_ENDPOINT_URL_<NAME>  AWS's own variables: nothing of ours is started for that service
`

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DEFAULT_PORT = 8787

/** What `--json` prints, and what a second start must be able to print again. */
interface Ready {
  readonly gatewayUrl: string
  readonly portalUrl: string
  readonly adminUser: string
  readonly adminPassword: string
  readonly virtualKey: string
}

async function main(): Promise<void> {
  const { values } = readArguments()
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  endWithSignals()
  const port = readPort(process.env.PORT)
  const dataDir = resolve(process.env.GATEWAY_DATA_DIR ?? join(ROOT, '.local'))
  mkdirSync(join(dataDir, 'logs'), { recursive: true })
  await demandFree(port)
  const aws = values.aws === true ? await findAwsAccess() : undefined
  const options: GatewayOptions = {
    dataDir,
    port,
    cdkOut: await synthesized(dataDir),
    overflow: values.throttle === true ? 'throttle' : 'queue',
    endpoints: ownEndpoints(process.env),
    ...(process.env.ADMIN_PASSWORD && { adminPassword: process.env.ADMIN_PASSWORD }),
    ...(aws && { aws }),
    log: logTo(join(dataDir, 'logs', 'gateway.log')),
  }
  const gateway = await startGateway(options)
  started = gateway
  const ready = { ...factsOf(gateway), virtualKey: await firstVirtualKey(gateway, join(dataDir, 'first-run.json')) }
  process.stdout.write(values.json === true ? `${JSON.stringify(ready)}\n` : welcome(ready, dataDir))
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean' },
        aws: { type: 'boolean' },
        throttle: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message.split('.')[0]}; see npm start -- --help`)
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT is "${text}", which is no port`)
  return port
}

/** Told before anything has been started. */
async function demandFree(port: number): Promise<void> {
  const probe = createServer()
  await new Promise<void>((done, fail) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} is in use; choose another one with PORT=…`
            : `port ${port}: ${error.message}`,
        ),
      )
    })
    probe.listen(port, '127.0.0.1', done)
  })
  await new Promise((done) => probe.close(done))
}

const ownEndpoints = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('AWS_ENDPOINT_URL_') && value ? [[name, value]] : [],
    ),
  )

/** What the stack is made from. The template is made anew when one of these has changed. */
const SOURCES = ['bin/gateway.ts', 'cdk.json', 'package-lock.json', 'contract', 'frontend', 'lambdas', 'lib']
/** Lies among the sources, and is made from them by the synthesis itself. */
const BUILT_PORTAL = join(ROOT, 'frontend', 'dist')

async function synthesized(dataDir: string): Promise<string> {
  const outDir = join(dataDir, 'cdk.out')
  const mark = join(outDir, '.sources')
  const sources = hashOfSources()
  if (existsSync(mark) && readFileSync(mark, 'utf8') === sources) return outDir
  process.stderr.write('building\n')
  await synthesize(outDir, (line) => process.stderr.write(`${line}\n`))
  writeFileSync(mark, sources)
  return outDir
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    if (path === BUILT_PORTAL) return
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name))
    } else {
      hash.update(path.slice(ROOT.length)).update('\0').update(readFileSync(path)).update('\0')
    }
  }
  for (const source of SOURCES) add(join(ROOT, source))
  return hash.digest('hex')
}

/** Everything into the log file; what somebody should see at once also on stderr. */
function logTo(file: string): (line: string) => void {
  return (line) => {
    appendFileSync(file, `${line}\n`, { mode: 0o600 })
    if (line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
  }
}

const factsOf = (gateway: Gateway): Omit<Ready, 'virtualKey'> => ({
  gatewayUrl: gateway.gatewayUrl,
  portalUrl: gateway.portalUrl,
  adminUser: gateway.adminUser,
  adminPassword: gateway.adminPassword,
})

/** The key of the first start as long as it works, else a new one; made as any administrator would make it. */
async function firstVirtualKey(gateway: Gateway, file: string): Promise<string> {
  if (existsSync(file)) {
    const { virtualKey } = JSON.parse(readFileSync(file, 'utf8')) as { virtualKey: string }
    const answer = await fetch(`${gateway.gatewayUrl}/auth/me`, { headers: { authorization: `Bearer ${virtualKey}` } })
    if (answer.ok) return virtualKey
  }
  const { token } = await ask<{ token: string }>(gateway, '/auth/login', {
    username: gateway.adminUser,
    password: gateway.adminPassword,
  })
  const { key } = await ask<{ key: string }>(gateway, '/admin/keys', { name: 'First key' }, token)
  writeFileSync(file, JSON.stringify({ virtualKey: key }), { mode: 0o600 })
  return key
}

async function ask<T>(gateway: Gateway, path: string, body: object, token?: string): Promise<T> {
  const answer = await fetch(gateway.gatewayUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`the gateway answered ${path} with ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

const welcome = (ready: Ready, dataDir: string): string => `
  Gateway    ${ready.gatewayUrl}
  Portal     ${ready.portalUrl}
  Sign in    ${ready.adminUser} / ${ready.adminPassword}
  First key  ${ready.virtualKey}

  Point Claude Code here:

    ANTHROPIC_BASE_URL=${ready.gatewayUrl} ANTHROPIC_AUTH_TOKEN=${ready.virtualKey} claude

  Data and logs are in ${dataDir}. Ctrl-C ends it.
`

/** A terminal's Ctrl-C reaches this process and, through the launcher, reaches it again: within this time it is one. */
const SAME_SIGNAL_MS = 1_000

let started: Gateway | undefined

/** Whatever ends this process takes its children along: each has its own hook on `exit`. */
function endWithSignals(): void {
  let firstAt: number | undefined
  const end = (): void => {
    const now = Date.now()
    const again = firstAt !== undefined && now - firstAt > SAME_SIGNAL_MS
    // Nothing to put away yet, or somebody who asks twice and does not want to wait.
    if (started === undefined || again) process.exit(130)
    if (firstAt !== undefined) return
    firstAt = now
    void started.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exit(1)
})
