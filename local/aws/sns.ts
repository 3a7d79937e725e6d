/**
 * Amazon Simple Notification Service on this machine: Publish, in its wire format (Query in, XML out). Every topic is there; what was
 * published is kept to be looked at.
 * Source: Amazon SNS API reference, Publish.
 */
import { callerOf } from './caller.ts'
import { errorXml, xmlOf } from './query-xml.ts'
import { type Answer, type Service, startService } from './service.ts'

export interface Published {
  readonly topicArn: string
  readonly subject: string | null
  readonly message: string
  readonly attributes: Readonly<Record<string, string>>
  readonly groupId: string | null
  readonly region: string
}

export interface SnsRefusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

export interface Sns extends Service {
  /** In order. */
  published(): readonly Published[]
  /** From now on every Publish is refused so; `null`: none is. */
  refuse(refusal: SnsRefusal | null): void
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/'

const xml = (status: number, body: string): Answer => ({ status, contentType: 'text/xml', body })
const refused = ({ status, code, message }: SnsRefusal): Answer => xml(status, errorXml(NAMESPACE, code, message))

export async function startSns(): Promise<Sns> {
  const published: Published[] = []
  let refusal: SnsRefusal | null = null
  const service = await startService((headers, body) => {
    const caller = callerOf(headers.authorization, 'sns')
    if (caller === undefined)
      return refused({ status: 403, code: 'MissingAuthenticationToken', message: 'Missing Authentication Token' })
    const asked = new URLSearchParams(body)
    const operation = asked.get('Action')
    if (operation !== 'Publish')
      return refused({ status: 400, code: 'InvalidAction', message: `${operation} is not emulated here` })
    const message = readMessage(asked, caller.region)
    const wrong = refusal ?? wrongWith(message)
    if (wrong !== null) return refused(wrong)
    published.push(message)
    return xml(200, xmlOf(NAMESPACE, 'Publish', { MessageId: crypto.randomUUID() }))
  })
  return {
    ...service,
    published: () => published,
    refuse(next) {
      refusal = next
    },
  }
}

function readMessage(asked: URLSearchParams, region: string): Published {
  const attributes: Record<string, string> = {}
  for (let place = 1; ; place++) {
    const name = asked.get(`MessageAttributes.entry.${place}.Name`)
    if (name === null) break
    attributes[name] = asked.get(`MessageAttributes.entry.${place}.Value.StringValue`) ?? ''
  }
  return {
    topicArn: asked.get('TopicArn') ?? '',
    subject: asked.get('Subject'),
    message: asked.get('Message') ?? '',
    attributes,
    groupId: asked.get('MessageGroupId'),
    region,
  }
}

const TOPIC = /^arn:aws(?:-cn|-us-gov)?:sns:([a-z0-9-]+):\d{12}:[\w-]{1,251}(\.fifo)?$/
/** "ASCII text that begins with a letter, number, or punctuation mark; no line breaks or control characters; fewer than 100 characters". */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/
/** 256 kB. */
const LONGEST_MESSAGE = 262_144

function wrongWith({ topicArn, subject, message, groupId, region }: Published): SnsRefusal | null {
  const invalid = (what: string): SnsRefusal => ({
    status: 400,
    code: 'InvalidParameter',
    message: `Invalid parameter: ${what}`,
  })
  const [, topicRegion, fifo] = TOPIC.exec(topicArn) ?? []
  if (topicRegion === undefined) return invalid('TopicArn')
  if (topicRegion !== region) return invalid('TopicArn Reason: it is of another region')
  if (subject !== null && !SUBJECT.test(subject)) return invalid('Subject')
  if (message === '' || Buffer.byteLength(message) > LONGEST_MESSAGE) return invalid('Message')
  if ((fifo !== undefined) !== (groupId !== null)) return invalid('The MessageGroupId parameter is for FIFO topics')
  return null
}
