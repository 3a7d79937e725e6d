/** A virtual key, made as an administrator makes one. */
import type { Gateway } from '../local/gateway.ts'

export async function makeKey(gateway: Gateway): Promise<string> {
  const post = async (path: string, body: object, token?: string): Promise<Record<string, string>> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(gateway.gatewayUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Record<string, string>
  }
  const { adminUser: username, adminPassword: password } = gateway
  const { token } = await post('/auth/login', { username, password })
  return String((await post('/admin/keys', { name: 'Bench' }, token)).key)
}
