/** What stands in for AWS beside the database: one STS, and Bedrock, Service Quotas and the price lists that know its sessions. */
import { type PriceLists, startPriceLists } from '../../local/aws/price-list.ts'
import { type ServiceQuotas, startServiceQuotas } from '../../local/aws/service-quotas.ts'
import { type Sts, startSts } from '../../local/aws/sts.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../local/bedrock/simulator.ts'

export interface TestAws {
  readonly sts: Sts
  readonly bedrock: BedrockSimulator
  readonly quotas: ServiceQuotas
  readonly priceLists: PriceLists
  stop(): Promise<void>
}

export async function startAws(): Promise<TestAws> {
  const sts = await startSts()
  const { identify } = sts
  const [bedrock, quotas, priceLists] = await Promise.all([
    startBedrockSimulator({ identify }),
    startServiceQuotas({ identify }),
    startPriceLists({ identify }),
  ])
  return {
    sts,
    bedrock,
    quotas,
    priceLists,
    stop: async () => void (await Promise.all([sts.stop(), bedrock.stop(), quotas.stop(), priceLists.stop()])),
  }
}
