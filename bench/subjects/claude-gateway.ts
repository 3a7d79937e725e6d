/**
 * `claude gateway`, the gateway in Claude Code's own program: signed tokens, one cap read and one spend write a request in
 * PostgreSQL. It needs an identity provider at its start, which is a page of JSON here, and signs nobody in while it is
 * measured: the token is made with its own secret.
 */
import { createHash, createHmac } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { freePort } from '../../local/free-port.ts'
import { familyOf, start, untilItAnswers } from '../processes.ts'
import { MODEL } from '../workload.ts'
import { findPostgres, startPostgres } from './postgres.ts'
import { endsWithMessageStop, Missing, type Subject, type Surroundings } from './subject.ts'

const LONGEST_START_MS = 20_000
const SECRET = 'a secret of this run alone, on this machine alone'
const ADMIN_KEY = 'an administrator of this run alone, on this machine'
const USER = 'bench-user'

export async function startClaudeGateway({ bedrockUrl, folder }: Surroundings): Promise<Subject> {
  const claude = findClaude()
  const postgresFolder = findPostgres()
  if (postgresFolder === undefined) throw new Missing('no PostgreSQL is installed')
  const postgres = await startPostgres(postgresFolder, folder)
  const identity = await startIdentityProvider()
  try {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const home = join(folder, 'claude')
    mkdirSync(home)
    const config = join(home, 'gateway.yaml')
    writeFileSync(config, configOf(port, postgres.url, identity.url, bedrockUrl), { mode: 0o600 })
    const log = openSync(join(home, 'gateway.log'), 'w')
    const server = start(claude.program, ['gateway', '--config', config], {
      env: {
        HOME: home,
        PATH: process.env.PATH,
        CLAUDE_GATEWAY_ALLOW_LOOPBACK: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      stdio: ['ignore', log, log],
    })
    await untilItAnswers(`${url}/readyz`, server, LONGEST_START_MS)
    await setCap(url)
    return {
      name: 'claude-gateway',
      title: 'claude gateway',
      version: claude.version,
      target: {
        url: `${url}/v1/messages`,
        headers: { authorization: `Bearer ${tokenOf()}`, 'anthropic-version': '2023-06-01' },
        isWhole: endsWithMessageStop,
      },
      model: MODEL,
      pids: async () => familyOf(server.pid),
      pidsBeside: () => familyOf(postgres.pid),
      stop: async () => {
        await server.stop()
        identity.server.close()
        await postgres.stop()
      },
    }
  } catch (thrown) {
    identity.server.close()
    await postgres.stop()
    throw thrown
  }
}

/** The program itself: its wrapper needs an install script. @throws Missing */
function findClaude(): { readonly program: string; readonly version: string } {
  const name = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    const program = join(dirname(manifest), 'claude')
    if (existsSync(program)) return { program, version }
  } catch {
    // Told below.
  }
  throw new Missing(`${name} is not installed; "npm ci" brings it`)
}

/** JSON is YAML. */
const configOf = (port: number, postgresUrl: string, issuer: string, bedrockUrl: string): string =>
  JSON.stringify({
    listen: { host: '127.0.0.1', port },
    oidc: { issuer, client_id: 'bench', client_secret: 'bench' },
    session: { jwt_secret: SECRET },
    store: { postgres_url: postgresUrl },
    admin: { write_keys: [{ id: 'bench', key: ADMIN_KEY }] },
    upstreams: [
      {
        provider: 'bedrock',
        region: 'us-east-1',
        base_url: bedrockUrl,
        auth: { aws_access_key_id: 'bench', aws_secret_access_key: 'bench' },
      },
    ],
  })

/** Far away: it is read and counted up to on every request, and never reached. */
const CAP_CENTS = '100000000'

async function setCap(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/organizations/spend_limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': ADMIN_KEY },
    body: JSON.stringify({ scope: { type: 'user', user_id: USER }, amount: CAP_CENTS, period: 'monthly' }),
  })
  if (!answer.ok) throw new Error(`claude gateway refused a spend limit: ${answer.status} ${await answer.text()}`)
}

/** A day: longer than any run. */
const TOKEN_SECONDS = 86_400

/** As the gateway makes them itself at the end of a sign-in: HS256, named by the first bytes of the secret's hash. */
function tokenOf(): string {
  const kid = createHash('sha256').update(SECRET).digest('hex').slice(0, 16)
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    sub: USER,
    email: 'bench@example.com',
    name: 'Bench',
    groups: [],
    aud: 'claude-gateway',
    iat,
    exp: iat + TOKEN_SECONDS,
  }
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part(claims)}`
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

/** Nobody signs in, so it has no more than the page that is read at the start. */
async function startIdentityProvider(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        keys: [],
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, server }
}
