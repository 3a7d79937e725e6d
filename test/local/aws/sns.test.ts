import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sns, startSns } from '../../../local/aws/sns.ts'

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:budgets'
let sns: Sns
let client: SNSClient
beforeAll(async () => {
  sns = await startSns()
  client = new SNSClient({
    endpoint: sns.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  client.destroy()
  await sns.stop()
})

const publish = (wish: object = {}) => client.send(new PublishCommand({ TopicArn: TOPIC, Message: 'hello', ...wish }))

test('what is published can be looked at', async () => {
  const MessageAttributes = { delivery: { DataType: 'String', StringValue: 'one' } }
  expect((await publish({ Subject: 'A subject', Message: 'a & b\n<c>', MessageAttributes })).MessageId).toMatch(
    /^[\w-]{36}$/,
  )
  expect(sns.published()).toEqual([
    {
      topicArn: TOPIC,
      subject: 'A subject',
      message: 'a & b\n<c>',
      attributes: { delivery: 'one' },
      groupId: null,
      region: 'eu-west-1',
    },
  ])
})

test.each([
  { Subject: 'x'.repeat(100) },
  { Subject: 'zoë' },
  { Subject: 'two\nlines' },
  { Subject: ' begins with a blank' },
  { Message: '' },
  { TopicArn: 'arn:aws:sns:us-east-1:123456789012:elsewhere' },
  { TopicArn: 'budgets' },
  { TopicArn: `${TOPIC}.fifo` },
  { MessageGroupId: 'a' },
])('%j is refused as SNS refuses it', async (wish) => {
  await expect(publish(wish)).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('a refusal that is told holds until it is taken back', async () => {
  sns.refuse({ status: 403, code: 'AuthorizationError', message: 'not authorized to perform: SNS:Publish' })
  await expect(publish()).rejects.toMatchObject({ name: 'AuthorizationErrorException' })
  sns.refuse(null)
  await publish()
})
