/**
 * The domains that a caller binds a search or a page to. `example.com` stands for its subdomains too; `example.com/blog` for what lies
 * below it; one `*` may stand in the path. Source: API reference, "Server tools", "Domain filtering".
 */
import type { DomainRule } from './web.ts'

interface Domain {
  /** As URLs write it: lower case, IDN encoded. */
  readonly host: string
  /** Begins with `/`, ends with none; '' where all of the host is meant. */
  readonly path: string
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i

/** Longest name of a host, and a path beside it as long as the addresses we read. Source: RFC 1035, 2.3.4. */
const LONGEST = 253 + 250

/** What is wrong with an entry of a list of domains, as the end of a sentence that begins with it; `null`: nothing. */
export function domainProblem(text: string): string | null {
  if (text.trim() === '') return 'must not be empty'
  if (text.length > LONGEST) return `must not be longer than ${LONGEST} characters`
  if (SCHEME.test(text)) return 'must not begin with a scheme: example.com, not https://example.com'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\s\x00-\x1f\x7f]/.test(text)) return 'must not hold spaces or control characters'
  const [host = '', ...path] = text.split('/')
  return hostProblem(host) ?? pathProblem(path.join('/'))
}

function hostProblem(host: string): string | null {
  if (host.includes('*')) return 'may hold a wildcard in its path only'
  // Letters of other scripts look like ours: whoever reads the list would not see which domain is meant.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for.
  if (!/^[\x00-\x7f]*$/.test(host)) return 'must be written in ASCII: xn--…, where it has other letters'
  if (!/^(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?\.)+[a-z][a-z\d-]{1,62}\.?$/i.test(host)) {
    return 'must be the name of a domain, such as example.com'
  }
  return null
}

function pathProblem(path: string): string | null {
  if (/[?#]/.test(path)) return 'must not hold a query or a fragment'
  return path.split('*').length > 2 ? 'may hold one wildcard only' : null
}

/** `undefined` where it is no domain: such an entry allows nothing, and blocks nothing. */
function domainOf(text: string): Domain | undefined {
  const url = URL.parse(`https://${text.trim().replace(SCHEME, '')}`)
  if (url === null) return undefined
  return { host: bare(url.hostname), path: decoded(url.pathname).replace(/\/+$/, '') }
}

const bare = (hostname: string): string => hostname.replace(/\.$/, '')

/** `/%62log` is `/blog`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Whether the rule lets an address pass. What is no address does not. */
export function passes(address: string, { allowedDomains, blockedDomains }: DomainRule): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  const lies = (text: string): boolean => liesIn(url, domainOf(text))
  return (allowedDomains === null || allowedDomains.some(lies)) && !(blockedDomains ?? []).some(lies)
}

function liesIn(url: URL, domain: Domain | undefined): boolean {
  if (domain === undefined) return false
  const host = bare(url.hostname)
  // Whoever names `www.example.com` means the site, which answers under both names.
  const same = host === domain.host || host.endsWith(`.${domain.host}`) || `www.${host}` === domain.host
  return same && isBelow(decoded(url.pathname), domain.path)
}

/** The path itself, or a longer one that goes on with a new part. */
function isBelow(path: string, wanted: string): boolean {
  const [head = '', tail] = wanted.split('*')
  if (!path.startsWith(head)) return false
  if (tail === undefined) return endsPart(path, head.length)
  for (let at = path.indexOf(tail, head.length); at >= 0; at = path.indexOf(tail, at + 1)) {
    if (endsPart(path, at + tail.length)) return true
    if (tail === '') return true
  }
  return false
}

const endsPart = (path: string, at: number): boolean => at === path.length || path[at] === '/' || path[at - 1] === '/'

/** More of them than this, and engines begin to ignore some. */
const MOST_OPERATORS = 5

/** The words with which engines restrict a search themselves; '' where nothing is to be restricted, or too much. */
export function siteOperators({ allowedDomains, blockedDomains }: DomainRule): string {
  const hosts = (list: readonly string[] | null): readonly string[] => [
    ...new Set((list ?? []).map((text) => domainOf(text)?.host ?? '').filter((host) => host !== '')),
  ]
  const allowed = hosts(allowedDomains)
  if (allowed.length > 0) {
    if (allowed.length > MOST_OPERATORS) return ''
    const sites = allowed.map((host) => `site:${host}`).join(' OR ')
    return allowed.length === 1 ? sites : `(${sites})`
  }
  // A path is blocked by us alone: the engine would take away all of its site.
  const blocked = hosts((blockedDomains ?? []).filter((text) => (domainOf(text)?.path ?? '') === ''))
  return blocked.length > MOST_OPERATORS ? '' : blocked.map((host) => `-site:${host}`).join(' ')
}
