/** What stands in for AWS beside the database: one STS, and Bedrock and Service Quotas that know its sessions. */
import { type ServiceQuotas, startServiceQuotas } from '../../local/aws/service-quotas.ts'
import { type Sts, startSts } from '../../local/aws/sts.ts'
import { type BedrockSimulator, startBedrockSimulator } from '../../local/bedrock/simulator.ts'

export interface TestAws {
  readonly sts: Sts
  readonly bedrock: BedrockSimulator
  readonly quotas: ServiceQuotas
  stop(): Promise<void>
}

export async function startAws(): Promise<TestAws> {
  const sts = await startSts()
  const { identify } = sts
  const [bedrock, quotas] = await Promise.all([startBedrockSimulator({ identify }), startServiceQuotas({ identify })])
  return {
    sts,
    bedrock,
    quotas,
    stop: async () => void (await Promise.all([sts.stop(), bedrock.stop(), quotas.stop()])),
  }
}
