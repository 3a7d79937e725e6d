/** Tells a destination of an event: a webhook, a topic of SNS, a bus of EventBridge. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns'
import { type Outbound, OutboundError } from '../http/outbound.client.ts'
import type { Instant } from '../platform/instant.ts'
import { createRecentlyUsed } from '../platform/recently-used.ts'
import type { Seal } from '../secrets/seal.client.ts'
import { type Destination, regionOfArn, WEBHOOK_PURPOSE, type WebhookSecrets } from './destination.ts'
import { eventBridgeDetail, type Payload, subjectOf } from './payload.ts'
import { signatureOf } from './signature.ts'

export interface Message {
  /** The same in every attempt: by it a receiver knows that it has it already. */
  readonly deliveryId: string
  readonly payload: Payload
  /** Of this attempt. */
  readonly at: Instant
}

interface Outcome {
  /** `null`: it has it. Else one sentence, with nothing of what a receiver answered. */
  readonly error: string | null
  /** It is this event that the receiver does not take; another one it may. */
  readonly rejected: boolean
}

export interface Sent extends Outcome {
  readonly durationMs: number
}

export interface Sender {
  send(destination: Destination, message: Message): Promise<Sent>
}

export interface SenderTools {
  readonly outbound: Outbound
  readonly seal: Seal
  /** Milliseconds; only differences mean anything. */
  readonly elapsedMs: () => number
  /** Told in `user-agent`. */
  readonly version: string
  /** Where tests have AWS's services; otherwise the SDK knows. */
  readonly aws?: {
    readonly sns: string
    readonly eventBridge: string
    readonly credentials: SNSClientConfig['credentials'] & {}
  }
}

/** As long as a webhook has, two tries included. */
const AWS_CONFIG = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_500, throwOnRequestTimeout: true },
}
/** One destination at a time; a few regions, as it is changed. */
const MOST_CLIENTS = 4

type Transport = (destination: Destination, message: Message) => Promise<Outcome>

export function openSender(tools: SenderTools): Sender {
  const transports: Readonly<Record<Destination['type'], Transport>> = {
    webhook: overWebhook(tools),
    sns: overSns(tools.aws),
    eventbridge: overEventBridge(tools.aws),
  }
  return {
    async send(destination, message) {
      const begun = tools.elapsedMs()
      const outcome = await transports[destination.type](destination, message).catch(toldOf)
      return { ...outcome, durationMs: Math.round(tools.elapsedMs() - begun) }
    },
  }
}

const TAKEN: Outcome = { error: null, rejected: false }

/** AWS's own words name the action and the resource that are missing, which is what an administrator needs. */
function toldOf(thrown: unknown): Outcome {
  if (thrown instanceof OutboundError) return { error: thrown.message, rejected: false }
  if (!(thrown instanceof Error)) return { error: 'It could not be sent', rejected: false }
  const error = `${thrown.name}: ${thrown.message}`.slice(0, LONGEST_ERROR)
  return { error, rejected: REJECTING_ERRORS.has(thrown.name) }
}

/** What is said of a request's content, not of who asks, how often or whether it can be served. Source: RFC 9110, 15.5. */
const REJECTING_STATUSES: ReadonlySet<number> = new Set([400, 413, 415, 422])

/**
 * Sources: Amazon SNS API reference, Publish, "Errors"; Amazon EventBridge API reference, common errors, and PutEventsResultEntry,
 * `ErrorCode`.
 */
const REJECTING_ERRORS: ReadonlySet<string> = new Set([
  'InvalidParameterException',
  'InvalidParameterValueException',
  'ValidationException',
  'InvalidArgument',
  'MalformedDetail',
])

/** What a row of the portal shows; AWS says what matters in its first sentence. */
const LONGEST_ERROR = 500

function overWebhook({ outbound, seal, version }: SenderTools): Transport {
  return async ({ sealed }, { deliveryId, payload, at }) => {
    if (sealed === null) throw new Error('a webhook without an address')
    const { url, signingSecret } = JSON.parse(await seal.open(sealed, WEBHOOK_PURPOSE)) as WebhookSecrets
    const body = JSON.stringify(payload)
    const timestamp = String(Math.floor(at / 1000))
    const { status } = await outbound.send({
      url,
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': `claude-code-gateway/${version}`,
        'x-ccag-delivery': deliveryId,
        'x-ccag-timestamp': timestamp,
        'x-ccag-signature': signatureOf(signingSecret, timestamp, body),
      },
      // Who answers with another address has not taken the event.
      followRedirects: false,
      maxBytes: 0,
    })
    if (status >= 200 && status <= 299) return TAKEN
    return { error: `Webhook returned ${status}`, rejected: REJECTING_STATUSES.has(status) }
  }
}

function overSns(aws: SenderTools['aws']): Transport {
  const clientFor = perRegion(
    (region) =>
      new SNSClient({ ...AWS_CONFIG, region, ...(aws && { endpoint: aws.sns, credentials: aws.credentials }) }),
  )
  return async ({ value: TopicArn }, { deliveryId, payload }) => {
    await clientFor(TopicArn).send(
      new PublishCommand({
        TopicArn,
        Subject: subjectOf(payload),
        Message: JSON.stringify(payload, null, 2),
        MessageAttributes: { delivery: { DataType: 'String', StringValue: deliveryId } },
        // A topic that keeps an order needs to know which, and drops what it has had.
        ...(TopicArn.endsWith('.fifo') && { MessageGroupId: payload.category, MessageDeduplicationId: deliveryId }),
      }),
    )
    return TAKEN
  }
}

function overEventBridge(aws: SenderTools['aws']): Transport {
  const clientFor = perRegion(
    (region) =>
      new EventBridgeClient({
        ...AWS_CONFIG,
        region,
        ...(aws && { endpoint: aws.eventBridge, credentials: aws.credentials }),
      }),
  )
  return async ({ value: EventBusName }, { payload }) => {
    const { FailedEntryCount = 0, Entries } = await clientFor(EventBusName).send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName,
            Source: 'ccag.notifications',
            DetailType: payload.event_type,
            Detail: JSON.stringify(eventBridgeDetail(payload)),
            Time: new Date(payload.timestamp),
          },
        ],
      }),
    )
    if (FailedEntryCount === 0) return TAKEN
    const [{ ErrorCode = 'unknown', ErrorMessage = '' } = {}] = Entries ?? []
    const error = `EventBridge refused the event: ${ErrorCode} ${ErrorMessage}`.trim().slice(0, LONGEST_ERROR)
    return { error, rejected: REJECTING_ERRORS.has(ErrorCode) }
  }
}

/** A topic or bus may be of another region than the gateway. */
function perRegion<Client extends object>(open: (region: string) => Client): (arn: string) => Client {
  const clients = createRecentlyUsed<Client>(MOST_CLIENTS)
  return (arn) => {
    const region = regionOfArn(arn)
    const client = clients.get(region) ?? open(region)
    clients.set(region, client)
    return client
  }
}
