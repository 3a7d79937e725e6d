/**
 * Credentials in a text, by the form their issuers gave them. A pattern either fails within a bounded number of steps or
 * takes up what it has read, so a text is read once whatever is in it.
 */
import type { Flag } from './flag.ts'

interface Rule {
  readonly rule: string
  readonly severity: Flag['severity']
  readonly pattern: RegExp
}

const critical = (rule: string, pattern: RegExp): Rule => ({ rule, severity: 'critical', pattern })

/** For the test that none of them can be made slow. */
export const SECRET_RULES: readonly Rule[] = [
  // Long-lived keys of a user, and the temporary ones of a role.
  critical('aws_key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}/g),
  critical('bedrock_key', /\bABSK[A-Za-z0-9+/=]{60}|\bbedrock-api-key-[A-Za-z0-9+/=]{20}/g),
  critical('gateway_key', /\bsk-proxy-[0-9a-f]{64}/g),
  critical('private_key', /-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----/g),
  critical('github_token', /\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}/g),
  critical('gitlab_token', /\bglpat-[A-Za-z0-9_-]{20}/g),
  critical(
    'slack_token',
    /\bxox[a-z]-[A-Za-z0-9-]{10}|\bxapp-\d-[A-Za-z0-9-]{10}|hooks\.slack\.com\/services\/T\w{8}/g,
  ),
  critical('anthropic_key', /\bsk-ant-[A-Za-z0-9_-]{20}/g),
  critical('openai_key', /\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20}|\bsk-[A-Za-z0-9]{48}\b/g),
  critical('stripe_key', /\b[sr]k_live_[A-Za-z0-9]{16}/g),
  critical('google_key', /\bAIza[A-Za-z0-9_-]{35}|\bGOCSPX-[A-Za-z0-9_-]{28}|\bya29\.[A-Za-z0-9_-]{20}/g),
  critical('npm_token', /\bnpm_[A-Za-z0-9]{36}/g),
  critical('huggingface_token', /\bhf_[A-Za-z0-9]{34}/g),
  // A name, then a quoted value that is long and has no spaces; also as a member of JSON, and of JSON within a string.
  critical('generic_secret', /(?:key|token|secret|password)\\?["']?\s{0,5}[=:]\s{0,5}\\?["'][A-Za-z0-9_+/=-]{20,}/gi),
  {
    rule: 'connection_string',
    severity: 'warning',
    // A name alone is no secret: there must be a password before the host.
    pattern:
      /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+[a-z0-9]{1,20})?:\/\/[^\s:@/]{0,100}:[^\s@/"']{1,200}@/g,
  },
]

export function secretsIn(text: string): Flag[] {
  return SECRET_RULES.flatMap(({ rule, severity, pattern }) => {
    const count = text.match(pattern)?.length ?? 0
    return count === 0 ? [] : [{ category: 'secrets', rule, severity, count }]
  })
}

/** Nobody names a tool or a folder so, except by mistake. */
export const holdsSecret = (text: string): boolean => SECRET_RULES.some(({ pattern }) => text.search(pattern) >= 0)
