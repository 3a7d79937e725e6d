import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings, SettingsError } from '../../lib/settings.ts'
import { ROOT } from '../support/repository.ts'

const read = (context: Record<string, unknown> = {}) => readSettings((name) => context[name])

const CA_FILE = join(mkdtempSync(join(tmpdir(), 'settings-')), 'ca.pem')
const CERTIFICATE_PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n'
writeFileSync(CA_FILE, CERTIFICATE_PEM)
afterAll(() => rmSync(dirname(CA_FILE), { recursive: true }))

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b-2c3d'
const NAMED = { domainName: 'claude.example.com', certificateArn: CERTIFICATE }

test('without a choice everything has its default', () => {
  expect(read()).toEqual({
    inferenceProfilePrefix: 'global',
    allowedOrigins: [],
    endpointRoleNames: 'ccag-*',
    reservedConcurrency: false,
    logRetention: RetentionDays.ONE_MONTH,
    concurrencyQuota: 1000,
    outbound: { allowedHosts: [], pageHosts: [], extraCa: '', notificationTargets: [] },
    domain: undefined,
  })
})

test('what is chosen is taken, as text of the command line and as a value of cdk.json', () => {
  const chosen = {
    inferenceProfilePrefix: 'us-gov',
    endpointRoleNames: 'claude/of-this-gateway-*',
    reservedConcurrency: true,
    logRetentionDays: 90,
    concurrencyQuota: 5000,
  }
  const expected = {
    inferenceProfilePrefix: 'us-gov',
    endpointRoleNames: 'claude/of-this-gateway-*',
    reservedConcurrency: true,
    logRetention: 90,
    concurrencyQuota: 5000,
  }
  expect(read(chosen)).toMatchObject(expected)
  expect(read(Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, String(value)])))).toMatchObject(
    expected,
  )
})

test('origins whose pages may call are a list', () => {
  const list = 'https://app.example.com,https://*.example.org:8443,http://localhost:5173'
  expect(read({ allowedOrigins: list }).allowedOrigins).toEqual(list.split(','))
})

test('where the functions may speak to is a list of hosts, of topics and buses, and a file of certificates', () => {
  const targets = 'arn:aws:sns:eu-west-1:123456789012:budgets-*,arn:aws-cn:events:*:123456789012:event-bus/claude'
  const { outbound } = read({
    outboundAllowedHosts: 'hooks.corp,10.0.0.5:8443,[::1]:80',
    webFetchAllowedHosts: 'wiki.corp',
    notificationTargets: targets,
    outboundCaFile: CA_FILE,
  })
  expect(outbound).toEqual({
    allowedHosts: ['hooks.corp', '10.0.0.5:8443', '[::1]:80'],
    pageHosts: ['wiki.corp'],
    extraCa: CERTIFICATE_PEM,
    notificationTargets: targets.split(','),
  })
})

test('a domain comes with its certificate, and with its zone where there is one', () => {
  expect(read(NAMED).domain).toEqual({ name: 'claude.example.com', certificateArn: CERTIFICATE, hostedZone: undefined })
  const zoned = read({ ...NAMED, hostedZoneId: 'Z0ABC', hostedZoneName: 'example.com' }).domain
  expect(zoned?.hostedZone).toEqual({ id: 'Z0ABC', name: 'example.com' })
})

describe('what does not go together, or is wrong, is one sentence that names it', () => {
  const CASES: readonly [Record<string, unknown>, RegExp][] = [
    [{ inferenceProfilePrefix: 'Global.' }, /^The setting inferenceProfilePrefix is "Global\."; it must be/],
    [
      { outboundAllowedHosts: 'https://a.example.com' },
      /outboundAllowedHosts names "https:\/\/a\.example\.com"; it must/,
    ],
    [{ outboundAllowedHosts: '*' }, /outboundAllowedHosts names "\*"/],
    [{ notificationTargets: '*' }, /notificationTargets names "\*"; it must be a list, with commas, of ARNs of topics/],
    [{ notificationTargets: 'arn:aws:sqs:us-east-1:123456789012:a' }, /notificationTargets names "arn:aws:sqs/],
    [{ notificationTargets: 'arn:aws:sns:*:*:*' }, /notificationTargets names "arn:aws:sns/],
    [{ outboundCaFile: '/nowhere.pem' }, /outboundCaFile is "\/nowhere\.pem"; it must be a file of certificates/],
    [{ outboundCaFile: 'package.json' }, /outboundCaFile is "package\.json"; it must be a file of certificates/],
    [{ allowedOrigins: '*' }, /allowedOrigins names "\*"; it must be a list/],
    [{ allowedOrigins: 'https://a.example.com, http://b.example.com' }, /allowedOrigins names " http:/],
    [{ allowedOrigins: 'https://app.example.com/' }, /allowedOrigins names/],
    [{ endpointRoleNames: '*' }, /^The setting endpointRoleNames is "\*"; it must be the name of a role/],
    [{ endpointRoleNames: 'arn:aws:iam::1:role/x' }, /endpointRoleNames is "arn:/],
    [{ reservedConcurrency: 'yes' }, /reservedConcurrency is "yes"; it must be true or false\.$/],
    [
      { logRetentionDays: '31' },
      /logRetentionDays is "31"; it must be a number of days that CloudWatch Logs knows \(1, 3, 5/,
    ],
    [{ logRetentionDays: '9999' }, /logRetentionDays is "9999"/],
    [{ logRetentionDays: 'ever' }, /logRetentionDays is "ever"/],
    [{ concurrencyQuota: '9' }, /concurrencyQuota is "9"; it must be a whole number of environments, at least 10\.$/],
    [{ concurrencyQuota: '-5' }, /concurrencyQuota is "-5"/],
    [
      { domainName: 'https://claude.example.com', certificateArn: CERTIFICATE },
      /domainName is "https:.*must be a host name/,
    ],
    [{ domainName: 'claude.example.com' }, /domainName needs certificateArn/],
    [{ certificateArn: CERTIFICATE }, /certificateArn is of no use without domainName/],
    [{ hostedZoneId: 'Z1' }, /hostedZoneId is of no use without domainName/],
    [{ ...NAMED, certificateArn: 'my certificate' }, /certificateArn is "my certificate"; it must be the ARN/],
    [
      { ...NAMED, certificateArn: CERTIFICATE.replace('us-east-1', 'eu-west-1') },
      /is in eu-west-1; CloudFront takes certificates from us-east-1 only/,
    ],
    [{ ...NAMED, hostedZoneId: 'Z1' }, /hostedZoneId and hostedZoneName go together/],
    [{ ...NAMED, hostedZoneName: 'example.com' }, /hostedZoneId and hostedZoneName go together/],
    [
      { ...NAMED, hostedZoneId: 'Z1', hostedZoneName: 'ample.com' },
      /"claude.example.com" is not in the hosted zone "ample.com"/,
    ],
  ]
  test.each(CASES)('%j', (context, sentence) => {
    expect(() => read(context)).toThrow(SettingsError)
    expect(() => read(context)).toThrow(sentence)
  })
})

test('a wrong setting ends the app with its sentence and nothing else', () => {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ domainName: 'claude.example.com' }) }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/gateway.ts'], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([
    1,
    '',
    'The setting domainName needs certificateArn, a certificate for that name in us-east-1.\n',
  ])
})
