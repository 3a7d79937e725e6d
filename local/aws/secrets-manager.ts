/**
 * AWS Secrets Manager on this machine: the operations the functions call, in its wire format (AWS JSON 1.1), kept in one
 * file.
 * Source: AWS Secrets Manager API reference, GetSecretValue and PutSecretValue.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface SecretsManager {
  readonly endpoint: string
  /** The current value. */
  get(arn: string): string | undefined
  /** What was current becomes the previous version. */
  put(arn: string, value: string): void
  stop(): Promise<void>
}

interface Version {
  readonly id: string
  readonly value: string
}

/** Newest first; at most the two that have a stage. */
type Versions = Record<string, readonly Version[]>

const STAGES = ['AWSCURRENT', 'AWSPREVIOUS']

export async function startSecretsManager(options: { readonly path?: string } = {}): Promise<SecretsManager> {
  const { path } = options
  const versions: Versions = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const put = (arn: string, value: string): void => {
    versions[arn] = [{ id: randomUUID(), value }, ...(versions[arn] ?? []).slice(0, 1)]
    if (path === undefined) return
    // Written beside and moved: a crash leaves the old file or the new one, never half of one.
    writeFileSync(`${path}.new`, JSON.stringify(versions), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
  const server = createServer((request, response) => void answer(request, response, versions, put))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get: (arn) => versions[arn]?.[0]?.value,
    put,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Asked {
  readonly SecretId?: string
  readonly VersionStage?: string
  readonly SecretString?: string
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  versions: Versions,
  put: (arn: string, value: string) => void,
): Promise<void> {
  const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1]
  const { status, json } = operate(operation, JSON.parse((await text(request)) || '{}') as Asked, versions, put)
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json))
}

const refusal = (type: string, message: string) => ({ status: 400, json: { __type: type, message } })

function operate(
  operation: string | undefined,
  asked: Asked,
  versions: Versions,
  put: (arn: string, value: string) => void,
) {
  const arn = asked.SecretId ?? ''
  const held = versions[arn]
  if (operation !== 'GetSecretValue' && operation !== 'PutSecretValue') {
    return refusal('UnknownOperationException', `${operation} is not emulated here`)
  }
  if (held === undefined)
    return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
  if (operation === 'PutSecretValue') {
    put(arn, asked.SecretString ?? '')
    return {
      status: 200,
      json: { ARN: arn, Name: arn, VersionId: versions[arn]?.[0]?.id, VersionStages: ['AWSCURRENT'] },
    }
  }
  const stage = asked.VersionStage ?? 'AWSCURRENT'
  const version = held[STAGES.indexOf(stage)]
  if (version === undefined) {
    return refusal(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
    )
  }
  return {
    status: 200,
    json: {
      ARN: arn,
      Name: arn,
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: [stage],
      CreatedDate: 0,
    },
  }
}
