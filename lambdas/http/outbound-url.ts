/**
 * Where this gateway lets itself be sent. Addresses come from people (webhooks, search providers, sign-in), and behind a function lie
 * its credentials and whatever its network reaches: so only what anybody on the internet could reach as well is asked.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries; OWASP, "Server Side Request Forgery Prevention".
 */
import ipaddr from 'ipaddr.js'

/** Nothing that a person types is longer, and servers refuse more. As it is sent: a sign outside ASCII makes up to twelve there. */
const LONGEST_URL = 2048

/** Names that mean this machine or its network wherever they are looked up. Source: RFC 6761, RFC 6762, RFC 8375, RFC 9476. */
const LOCAL_NAME =
  /(?:^|\.)(?:localhost|local|internal|intranet|private|corp|home|lan|home\.arpa|invalid|test|alt|onion)$/

/** @param allowedHosts With commas, as the deployment tells them. */
export const allowedHostsOf = ({ allowedHosts }: { readonly allowedHosts: string }): ReadonlySet<string> =>
  new Set(allowedHosts.split(',').filter((host) => host !== ''))

export type JudgedUrl =
  | { readonly ok: true; readonly url: URL; readonly allowed: boolean }
  | { readonly ok: false; readonly refusal: string }

/**
 * What can be said of an address before its name is looked up.
 * @param allowedHosts `host` or `host:port`, of the deployment: they are asked wherever they are, over http too.
 */
export function judgeUrl(text: string, allowedHosts: ReadonlySet<string>): JudgedUrl {
  const no = (refusal: string): JudgedUrl => ({ ok: false, refusal })
  const url = text.length <= LONGEST_URL ? URL.parse(text) : null
  if (url === null || url.href.length > LONGEST_URL) return no(`must be a URL of at most ${LONGEST_URL} characters`)
  const allowed = allowedHosts.has(url.host) || allowedHosts.has(url.hostname)
  if (url.protocol !== 'https:' && !(allowed && url.protocol === 'http:')) return no('must start with https://')
  if (url.username !== '' || url.password !== '') return no('must not hold a user name or password')
  if (allowed) return { ok: true, url, allowed }
  const literal = literalOf(url.hostname)
  if (literal !== undefined) {
    return isPublic(literal) ? { ok: true, url, allowed } : no(`${literal} is not an address of the public internet`)
  }
  const name = url.hostname.replace(/\.$/, '')
  if (!name.includes('.') || LOCAL_NAME.test(name)) return no(`${name} is not a name of the public internet`)
  return { ok: true, url, allowed }
}

/** URL parsing has made one form of every notation of IPv4, and puts IPv6 in brackets. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isAddress(bare) ? bare : undefined
}

/** Not every form that `inet_aton` takes: `1.2.3` is one, and nobody's answer. */
const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))

/** 2000::/3 is all that IANA has given to the internet. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** @param address IPv4 or IPv6. What stands for an IPv4 address in another form (mapped, NAT64, 6to4) is none. */
export function isPublic(address: string): boolean {
  if (!isAddress(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6)
}
