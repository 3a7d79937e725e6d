/** What stands in for AWS beside the database: one STS, services that know its sessions, a key, a topic of any name and a bus. */
import { type EventBridge, startEventBridge } from '../../local/aws/event-bridge.ts'
import { type Kms, startKms } from '../../local/aws/kms.ts'
import { type PriceLists, startPriceLists } from '../../local/aws/price-list.ts'
import { type ServiceQuotas, startServiceQuotas } from '../../local/aws/service-quotas.ts'
import { type Sns, startSns } from '../../local/aws/sns.ts'
import { type Sts, startSts } from '../../local/aws/sts.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../local/bedrock/simulator.ts'

export const SEALING_KEY = 'arn:aws:kms:us-east-1:000000000000:key/sealing'

export interface TestAws {
  readonly sts: Sts
  readonly bedrock: BedrockSimulator
  readonly quotas: ServiceQuotas
  readonly priceLists: PriceLists
  readonly kms: Kms
  readonly sns: Sns
  readonly eventBridge: EventBridge
  stop(): Promise<void>
}

export async function startAws(): Promise<TestAws> {
  const sts = await startSts()
  const { identify } = sts
  const [bedrock, quotas, priceLists, kms, sns, eventBridge] = await Promise.all([
    startBedrockSimulator({ identify }),
    startServiceQuotas({ identify }),
    startPriceLists({ identify }),
    startKms(),
    startSns(),
    startEventBridge(),
  ])
  kms.create(SEALING_KEY)
  const all = [sts, bedrock, quotas, priceLists, kms, sns, eventBridge]
  return {
    sts,
    bedrock,
    quotas,
    priceLists,
    kms,
    sns,
    eventBridge,
    stop: async () => void (await Promise.all(all.map((service) => service.stop()))),
  }
}
