/** Secrets Manager's GetSecretValue over HTTP, with versions that a test can rotate. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

export interface TestSecrets {
  readonly endpoint: string
  /** What was current becomes the previous version. */
  put(arn: string, value: string): void
  /** How often it has been asked. */
  reads(): number
  stop(): Promise<void>
}

export async function startTestSecrets(): Promise<TestSecrets> {
  const versions = new Map<string, readonly string[]>()
  let reads = 0
  const server = createServer(async (request, response) => {
    reads++
    const { SecretId, VersionStage } = JSON.parse(await text(request)) as { SecretId: string; VersionStage: string }
    const value = versions.get(SecretId)?.[VersionStage === 'AWSPREVIOUS' ? 1 : 0]
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    if (value === undefined) {
      response.writeHead(400).end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'not found' }))
    } else {
      response.end(JSON.stringify({ ARN: SecretId, SecretString: value }))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    put: (arn, value) => void versions.set(arn, [value, ...(versions.get(arn) ?? []).slice(0, 1)]),
    reads: () => reads,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
