/** Virtual keys and what they are routed by, made as an administrator makes them. */
import type { Gateway } from '../local/gateway.ts'

export interface Keys {
  readonly key: string
  /** Of a team whose endpoint is Bedrock's own Messages API. */
  readonly nativeKey: string
}

export async function makeKeys(gateway: Gateway): Promise<Keys> {
  const ask = async (method: string, path: string, body: object, token?: string): Promise<Record<string, string>> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(gateway.gatewayUrl + path, { method, headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Record<string, string>
  }
  const { adminUser: username, adminPassword: password } = gateway
  const { token } = await ask('POST', '/auth/login', { username, password })
  const { key } = await ask('POST', '/admin/keys', { name: 'Bench' }, token)
  const place = { name: 'Native', region: 'us-east-1', routing_prefix: 'global', upstream: 'messages' }
  const endpoint = await ask('POST', '/admin/endpoints', place, token)
  const team = await ask('POST', '/admin/teams', { name: 'Native' }, token)
  const routing = { routing_strategy: 'primary_fallback', endpoints: [{ endpoint_id: endpoint.id }] }
  await ask('PUT', `/admin/teams/${team.id}/endpoints`, routing, token)
  const native = await ask('POST', '/admin/keys', { name: 'Native', team_id: team.id, user_id: null }, token)
  return { key: String(key), nativeKey: String(native.key) }
}
