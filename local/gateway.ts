/**
 * The whole gateway on this machine, made from the synthesized template: what runs here is what CloudFormation would make.
 * `npm start` and the end-to-end tests start it through this one function.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EventBridge, startEventBridge } from './aws/event-bridge.ts'
import { type Kms, startKms } from './aws/kms.ts'
import { type PriceLists, startPriceLists } from './aws/price-list.ts'
import { type SecretsManager, startSecretsManager } from './aws/secrets-manager.ts'
import { type ServiceQuotas, startServiceQuotas } from './aws/service-quotas.ts'
import { type Sns, startSns } from './aws/sns.ts'
import { type Sts, startSts } from './aws/sts.ts'
import { type BedrockSimulator, type SimulatorOptions, startBedrockSimulator } from './bedrock/simulator.ts'
import { type Database, startDatabase } from './database/engine.ts'
import { type FaultProxy, startFaultProxy } from './database/fault-proxy.ts'
import { deployBuckets } from './deploy/deploy-buckets.ts'
import { behavioursOf } from './deploy/deploy-distribution.ts'
import { deployFunctions, deployFunctionUrls } from './deploy/deploy-functions.ts'
import { rulesOf, startTableStreams } from './deploy/deploy-schedules.ts'
import { deploySecrets } from './deploy/deploy-secrets.ts'
import { deployTables } from './deploy/deploy-tables.ts'
import { resolveText, type Scope } from './deploy/intrinsics.ts'
import { refuseUnknownResources } from './deploy/known-resources.ts'
import { keyArnOf, scopeOf } from './deploy/names.ts'
import { permissionsOf } from './deploy/permissions.ts'
import { readTemplate } from './deploy/template.ts'
import { startDistribution } from './distribution/distribution.ts'
import type { LocalFunction } from './lambda/function.ts'
import { createClock, type LocalClock } from './schedules/clock.ts'
import { startSchedules } from './schedules/schedules.ts'

export interface GatewayOptions {
  /** A synthesized app; absent: it is synthesized first. */
  readonly cdkOut?: string
  /** Where data and secrets stay; absent: nothing outlives the gateway. */
  readonly dataDir?: string
  /** Of the distribution; 0 or absent: any free one. */
  readonly port?: number
  /** Instead of the generated one. */
  readonly adminPassword?: string
  /** The real Bedrock: no simulator, and these variables (credentials, region) for the functions. */
  readonly aws?: Readonly<Record<string, string>>
  readonly overflow?: 'queue' | 'throttle'
  readonly maxEnvironments?: number
  /** `manual`: schedules fire only by `tick`, and the table's stream is not followed. */
  readonly schedules?: 'automatic' | 'manual'
  /** Puts the fault proxy between functions and database; it also lets no function do what its role does not allow. */
  readonly faultProxy?: boolean
  readonly bedrock?: Omit<SimulatorOptions, 'identify'>
  /** When the sessions end that the STS emulation opens; absent: by this machine's clock. */
  readonly stsNow?: () => Date
  /** The person's own `AWS_ENDPOINT_URL_<SERVICE>`: where one is set, nothing of ours is started for that service. */
  readonly endpoints?: Readonly<Record<string, string>>
  log(line: string): void
}

export interface Gateway {
  readonly gatewayUrl: string
  readonly portalUrl: string
  readonly messagesUrl: string
  readonly controlUrl: string
  readonly adminUser: string
  readonly adminPassword: string
  readonly clock: LocalClock
  readonly functions: ReadonlyMap<string, LocalFunction>
  /** Physical names by `core`, `usage`, `events`, `ephemeral`. */
  readonly tables: ReadonlyMap<string, string>
  /** Where the tables are, past any fault proxy. */
  readonly databaseEndpoint: string
  readonly database: Database | undefined
  readonly faults: FaultProxy | undefined
  readonly bedrock: BedrockSimulator | undefined
  readonly secrets: SecretsManager
  /** `undefined` where the real one is used, or the person's own. */
  readonly sts: Sts | undefined
  readonly quotas: ServiceQuotas | undefined
  readonly priceLists: PriceLists | undefined
  readonly kms: Kms | undefined
  readonly sns: Sns | undefined
  readonly eventBridge: EventBridge | undefined
  /** Fires a schedule by hand. */
  tick(functionName: string, at?: Date): Promise<unknown>
  stop(): Promise<void>
}

/** An environment takes about 140 MB; eight leave a small machine room for the client. */
const DEFAULT_ENVIRONMENTS = 8

/** @throws Error whose message is one line for the person at the terminal. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const ending = createEnding()
  try {
    return await deploy(options, ending)
  } catch (thrown) {
    await ending.run()
    throw thrown
  }
}

async function deploy(options: GatewayOptions, ending: Ending): Promise<Gateway> {
  const dataDir = options.dataDir ?? temporaryFolder(ending)
  mkdirSync(dataDir, { recursive: true })
  const clock = createClock()
  const services = await startServices(options, ending)
  const { secrets, databaseEndpoint } = services

  // What the template describes, in the order in which one part needs the other.
  const template = readTemplate(options.cdkOut ?? (await synthesize(join(dataDir, 'cdk.out'), options.log)))
  refuseUnknownResources(template)
  deploySecrets(template, secrets)
  for (const { logicalId } of template.of('AWS::KMS::Key')) services.kms?.create(keyArnOf(logicalId))
  const scope = scopeOf(template, (arn) => secrets.get(arn))
  const adminSecret = resolveText(template.outputs.AdminSecretArn, scope)
  const admin = bootstrapAdmin(secrets, adminSecret, options.adminPassword)
  services.faults?.enforce(permissionsOf(template, scope))
  const tables = await deployTables(template, scope, databaseEndpoint)
  let gatewayUrl: string | undefined
  const functions = deployFunctions(
    template,
    functionScope(scope, () => required(gatewayUrl)),
    (name) => ({
      maxEnvironments: options.maxEnvironments ?? DEFAULT_ENVIRONMENTS,
      overflow: options.overflow ?? 'queue',
      extraEnvironment: environmentOf(name, options, services),
      log: (line) => options.log(`${name}: ${line}`),
    }),
  )
  for (const fn of functions.byName.values()) ending.add(() => fn.stop())
  const urls = await deployFunctionUrls(template, scope, functions, clock)
  for (const url of urls) ending.add(() => url.stop())
  const buckets = join(dataDir, 'buckets')
  deployBuckets(template, scope, buckets)
  const distribution = await startDistribution(behavioursOf(template, scope, urls, buckets), options.port ?? 0)
  ending.add(() => distribution.stop())
  gatewayUrl = distribution.url
  // A variable that cannot be resolved is told now, and not to the first request.
  for (const { definition } of functions.byName.values()) void definition.environment

  const automatic = options.schedules !== 'manual'
  const { log } = options
  const schedules = startSchedules(rulesOf(template, scope, functions), functions.byName, clock, { automatic, log })
  ending.add(async () => schedules.stop())
  if (automatic) {
    const streams = startTableStreams(template, scope, functions, tables, { endpoint: databaseEndpoint, log })
    for (const stream of streams) ending.add(() => stream.stop())
  }

  const urlOf = (name: string): string => required(urls.find(({ functionName }) => functionName === name)).url
  return {
    ...services,
    gatewayUrl: distribution.url,
    portalUrl: `${distribution.url}/portal/`,
    messagesUrl: urlOf('messages'),
    controlUrl: urlOf('control'),
    adminUser: admin.username,
    adminPassword: admin.password,
    clock,
    functions: functions.byName,
    tables: new Map([...tables].map(([tag, { name }]) => [tag, name])),
    tick: (functionName, at) => schedules.tick(functionName, at),
    stop: () => ending.run(),
  }
}

/**
 * What functions are told of function URLs they hand on to people, whose settings must outlive a restart. Here only the
 * distribution's address does: its port is the person's choice, those of the function URLs are whichever is free.
 */
const functionScope = (scope: Scope, gatewayUrl: () => string): Scope => ({
  ...scope,
  attribute: (logicalId, attribute) =>
    attribute === 'FunctionUrl' ? `${gatewayUrl()}/` : scope.attribute(logicalId, attribute),
})

type Services = Pick<
  Gateway,
  | 'database'
  | 'databaseEndpoint'
  | 'faults'
  | 'secrets'
  | 'sts'
  | 'quotas'
  | 'priceLists'
  | 'kms'
  | 'sns'
  | 'eventBridge'
  | 'bedrock'
>

const STS = 'AWS_ENDPOINT_URL_STS'
const QUOTAS = 'AWS_ENDPOINT_URL_SERVICE_QUOTAS'
const PRICING = 'AWS_ENDPOINT_URL_PRICING'
const KMS = 'AWS_ENDPOINT_URL_KMS'
const SNS = 'AWS_ENDPOINT_URL_SNS'
const EVENT_BRIDGE = 'AWS_ENDPOINT_URL_EVENTBRIDGE'

/** What stands in for AWS. The database comes first: it holds the lock of the data. */
async function startServices(options: GatewayOptions, ending: Ending): Promise<Services> {
  const own = options.endpoints ?? {}
  if (own.AWS_ENDPOINT_URL_SECRETS_MANAGER !== undefined) {
    throw new Error('AWS_ENDPOINT_URL_SECRETS_MANAGER cannot be set: the secrets are generated by this deployment')
  }
  const keep = <T extends { stop(): Promise<void> }>(service: T): T => {
    ending.add(() => service.stop())
    return service
  }
  const theirs = own.AWS_ENDPOINT_URL_DYNAMODB
  const database = theirs === undefined ? keep(await startOwnDatabase(options)) : undefined
  const databaseEndpoint = theirs ?? required(database).endpoint
  const keptIn = (file: string) => (options.dataDir === undefined ? {} : { path: join(options.dataDir, file) })
  // One simulator is both of Bedrock's services; it is needed as long as one of them is not somebody else's.
  const elsewhere = own.AWS_ENDPOINT_URL_BEDROCK_RUNTIME !== undefined && own.AWS_ENDPOINT_URL_BEDROCK !== undefined
  const simulated = options.aws === undefined && !elsewhere
  const emulated = async <T extends { stop(): Promise<void> }>(service: string, start: () => Promise<T>) =>
    options.aws === undefined && own[service] === undefined ? keep(await start()) : undefined
  const sts = await emulated(STS, () => startSts(options.stsNow && { now: options.stsNow }))
  // Credentials that somebody else gave out say nothing here: without an STS of ours everybody is the functions' own account.
  const identify = sts && { identify: sts.identify }
  return {
    database,
    databaseEndpoint,
    faults: options.faultProxy === true ? keep(await startFaultProxy(databaseEndpoint)) : undefined,
    secrets: keep(await startSecretsManager(keptIn('secrets.json'))),
    sts,
    quotas: await emulated(QUOTAS, () => startServiceQuotas(identify)),
    priceLists: await emulated(PRICING, () => startPriceLists(identify)),
    // The key is this deployment's own, whose AWS ever is used beside it.
    kms: own[KMS] === undefined ? keep(await startKms(keptIn('kms.json'))) : undefined,
    sns: await emulated(SNS, () => startSns()),
    eventBridge: await emulated(EVENT_BRIDGE, () => startEventBridge()),
    bedrock: simulated ? keep(await startBedrockSimulator({ ...options.bedrock, ...identify })) : undefined,
  }
}

const startOwnDatabase = (options: GatewayOptions): Promise<Database> =>
  startDatabase({
    ...(options.dataDir !== undefined && { path: join(options.dataDir, 'database.sqlite') }),
    log: (line) => options.log(`database: ${line}`),
  })

function temporaryFolder(ending: Ending): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  ending.add(async () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface AdminSecret {
  readonly username: string
  readonly password: string
}

function bootstrapAdmin(secrets: SecretsManager, arn: string, wanted: string | undefined): AdminSecret {
  const kept = JSON.parse(secrets.get(arn) ?? '{}') as AdminSecret
  if (wanted === undefined || wanted === kept.password) return kept
  const changed = { ...kept, password: wanted }
  secrets.put(arn, JSON.stringify(changed))
  return changed
}

/**
 * What every function is given beside the template's own variables: where the services are, and credentials. Those are
 * not checked; they tell who calls.
 */
function environmentOf(name: string, options: GatewayOptions, services: Services): Record<string, string> {
  const simulator = services.bedrock?.url
  return {
    ...(options.aws ?? { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: 'local' }),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: services.secrets.endpoint,
    ...(simulator && { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: simulator, AWS_ENDPOINT_URL_BEDROCK: simulator }),
    ...(services.sts && { [STS]: services.sts.endpoint }),
    ...(services.quotas && { [QUOTAS]: services.quotas.endpoint }),
    ...(services.priceLists && { [PRICING]: services.priceLists.endpoint }),
    ...(services.kms && { [KMS]: services.kms.endpoint }),
    ...(services.sns && { [SNS]: services.sns.endpoint }),
    ...(services.eventBridge && { [EVENT_BRIDGE]: services.eventBridge.endpoint }),
    // Receivers that are tried out run on this machine as well.
    OUTBOUND_ALLOWED_HOSTS: 'localhost,127.0.0.1',
    WEB_FETCH_ALLOWED_HOSTS: 'localhost,127.0.0.1',
    ...options.endpoints,
    AWS_ENDPOINT_URL_DYNAMODB: services.faults?.endpoint ?? services.databaseEndpoint,
  }
}

const APP = fileURLToPath(new URL('../bin/gateway.ts', import.meta.url))

/** Runs the CDK app as `cdk synth` would, without the CLI. @returns the folder. */
export function synthesize(outDir: string, log: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    rmSync(outDir, { recursive: true, force: true })
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    // What the CLI would hand over: the feature flags of cdk.json.
    const { context } = JSON.parse(readFileSync(join(cwd, 'cdk.json'), 'utf8')) as { context: unknown }
    const child = spawn(process.execPath, [APP], {
      cwd,
      env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const killAtExit = (): void => void child.kill('SIGKILL')
    process.on('exit', killAtExit)
    const said: string[] = []
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data: Buffer) => said.push(data.toString()))
    child.on('error', reject)
    child.on('exit', (code) => {
      process.off('exit', killAtExit)
      if (code === 0) return resolve(outDir)
      log(said.join(''))
      reject(new Error(`the stack cannot be synthesized: bin/gateway.ts ended with code ${code}`))
    })
  })
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the template leaves out what the gateway needs')
  return value
}

interface Ending {
  add(step: () => Promise<void>): void
  /** Last started, first ended; one that fails does not keep the others from ending. */
  run(): Promise<void>
}

function createEnding(): Ending {
  const steps: (() => Promise<void>)[] = []
  return {
    add: (step) => void steps.push(step),
    async run() {
      for (const step of steps.splice(0).reverse()) await step().catch(() => {})
    },
  }
}
