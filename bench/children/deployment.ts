/**
 * The deployed stack on this machine, in a process of its own: what the function URL measures, and where the plain server
 * finds its tables and a real key. Arguments: folder of the synthesized app, folder for the data, address of Bedrock.
 */
import { startGateway } from '../../local/gateway.ts'
import { makeKeys } from '../gateway-key.ts'

export interface Deployment {
  readonly messagesUrl: string
  readonly key: string
  /** Of a team whose endpoint is Bedrock's own Messages API. */
  readonly nativeKey: string
  readonly databasePid: number
  /** Of the `messages` function, as the template has it, and where the services are. */
  readonly environment: Readonly<Record<string, string>>
}

const [cdkOut = '', dataDir = '', bedrock = ''] = process.argv.slice(2)

const gateway = await startGateway({
  cdkOut,
  dataDir,
  schedules: 'manual',
  endpoints: { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock, AWS_ENDPOINT_URL_BEDROCK: bedrock },
  log: (line) => void (line.includes('"level":"error"') && process.stderr.write(`${line}\n`)),
})
await gateway.tick('prices')
const messages = gateway.functions.get('messages')

process.on('message', () => {
  process.send?.((messages?.environments() ?? []).map(({ pid }) => pid))
})
process.on('disconnect', () => process.exit())
// A terminal's Ctrl-C reaches everybody. The bench ends this process itself, which then takes its own children along.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('SIGTERM', () => void gateway.stop().then(() => process.exit()))

const ready: Deployment = {
  messagesUrl: gateway.messagesUrl,
  ...(await makeKeys(gateway)),
  databasePid: gateway.database?.pid ?? -1,
  environment: {
    ...messages?.definition.environment,
    AWS_ENDPOINT_URL_DYNAMODB: gateway.databaseEndpoint,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  },
}
process.send?.(ready)
