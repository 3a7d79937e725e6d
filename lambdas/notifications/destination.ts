/** Where notifications go: one active destination, and a draft of the next. Nothing here holds what the address of a webhook keeps secret. */
import type { Instant } from '../platform/instant.ts'

export type DestinationType = 'webhook' | 'sns' | 'eventbridge'
export type EventCategory = 'budget' | 'rate_limit'

export interface Destination {
  readonly id: string
  readonly type: DestinationType
  /** An ARN; of a webhook what may be shown, `https://hooks.example.com/…`. */
  readonly value: string
  /** Of a webhook: its address and its signing secret, sealed. */
  readonly sealed: string | null
  readonly categories: readonly EventCategory[]
  /** Counts its changes, so that a test is known to be of what it tested. */
  readonly rev: number
  /** `null` until this very revision was tested. */
  readonly test: { readonly at: Instant; readonly ok: boolean; readonly error: string | null } | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** What is sealed of a webhook. */
export interface WebhookSecrets {
  readonly url: string
  readonly signingSecret: string
}

/** What webhooks are sealed for. */
export const WEBHOOK_PURPOSE = 'notification-webhook'

const PARTITION = 'arn:(?:aws|aws-cn|aws-us-gov)'
/** Sources: Amazon SNS API reference, CreateTopic; Amazon EventBridge API reference, CreateEventBus. */
const TOPIC_ARN = new RegExp(`^${PARTITION}:sns:([a-z0-9-]+):(\\d{12}):[\\w-]{1,251}(?:\\.fifo)?$`)
const BUS_ARN = new RegExp(`^${PARTITION}:events:([a-z0-9-]+):(\\d{12}):event-bus/[\\w./-]{1,256}$`)

const FORMS = { sns: TOPIC_ARN, eventbridge: BUS_ARN } as const

export const isArnOf = (type: 'sns' | 'eventbridge', value: string): boolean => FORMS[type].test(value)

/** @throws Error for what is no ARN: it was checked when it was saved. */
export function regionOfArn(arn: string): string {
  const [, , , region = ''] = arn.split(':')
  if (region === '') throw new Error('not an ARN')
  return region
}

/** Path and query of a webhook are often all that protects it. */
export const maskedUrl = (url: string): string => `${new URL(url).origin}/…`
