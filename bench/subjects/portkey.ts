/** `@portkey-ai/gateway` to Bedrock: it translates to Converse. It knows no users, keeps no books and needs no database. */
import { spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../local/free-port.ts'
import { start, untilItAnswers } from '../processes.ts'
import { BEDROCK_MODEL } from '../workload.ts'
import { endsWithMessageStop, Missing, type Subject, type Surroundings } from './subject.ts'

const FOLDER = fileURLToPath(new URL('../portkey/', import.meta.url))
const PACKAGE = join(FOLDER, 'node_modules', '@portkey-ai', 'gateway')
const LONGEST_START_MS = 20_000

export async function startPortkey({ bedrockUrl, folder }: Surroundings): Promise<Subject> {
  install()
  const port = await freePort()
  const log = openSync(join(folder, 'portkey.log'), 'w')
  const script = join(PACKAGE, 'build', 'start-server.js')
  const server = start(process.execPath, [script, `--port=${port}`, '--headless'], {
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', log, log],
  })
  await untilItAnswers(`http://127.0.0.1:${port}/`, server, LONGEST_START_MS)
  return {
    name: 'portkey',
    title: '@portkey-ai/gateway',
    version: versionOf(PACKAGE) ?? '',
    target: {
      url: `http://127.0.0.1:${port}/v1/messages`,
      headers: {
        'x-portkey-provider': 'bedrock',
        'x-portkey-custom-host': bedrockUrl,
        'x-portkey-aws-access-key-id': 'bench',
        'x-portkey-aws-secret-access-key': 'bench',
        'x-portkey-aws-region': 'us-east-1',
        'anthropic-version': '2023-06-01',
      },
      isWhole: endsWithMessageStop,
    },
    model: BEDROCK_MODEL,
    pids: async () => [server.pid],
    pidsBeside: () => [],
    stop: () => server.stop(),
  }
}

const versionOf = (folder: string): string | undefined => {
  const file = join(folder, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined
}

/** Once, by its own lock file. @throws Missing */
function install(): void {
  const lock = JSON.parse(readFileSync(join(FOLDER, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>
  }
  if (versionOf(PACKAGE) === lock.packages['node_modules/@portkey-ai/gateway']?.version) return
  process.stderr.write('installing @portkey-ai/gateway (once) …\n')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: FOLDER,
    encoding: 'utf8',
  })
  if (npm.status !== 0) throw new Missing(`it cannot be installed: ${npm.error?.message ?? npm.stderr.split('\n')[0]}`)
}
