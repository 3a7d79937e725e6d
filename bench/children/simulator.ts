/** Bedrock for all subjects of a run, in a process of its own. Tells its address, and ends with the bench. */
import { startBedrockSimulator } from '../../local/bedrock/simulator.ts'
import { ANSWER } from '../workload.ts'

const simulator = await startBedrockSimulator({ unread: true })
simulator.script.always({ kind: 'text', text: ANSWER })
process.on('disconnect', () => process.exit())
process.send?.({ url: simulator.url })
