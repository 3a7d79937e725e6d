/** The person's own access to AWS, as the SDK finds it: variables, profile, single sign-on. For `npm start -- --aws`. */
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'

/** What the SDK inside a function reads to find the same credentials, and to renew them. */
const PASSED_ON = /^(AWS_(?!LAMBDA_|ENDPOINT_URL)[A-Z0-9_]+|HOME|USERPROFILE)$/

/** @returns the variables for the functions. @throws Error in one line when credentials or region cannot be found. */
export async function findAwsAccess(environment: NodeJS.ProcessEnv = process.env): Promise<Record<string, string>> {
  const client = new BedrockRuntimeClient({})
  try {
    await client.config.credentials()
  } catch {
    throw new Error('no AWS credentials were found; sign in with the AWS CLI, or set AWS_PROFILE or AWS_ACCESS_KEY_ID')
  }
  let region: string
  try {
    region = await client.config.region()
  } catch {
    throw new Error('no AWS region was found; set AWS_REGION to one that offers Claude on Bedrock')
  }
  const passed = Object.entries(environment).flatMap(([name, value]) =>
    PASSED_ON.test(name) && value ? [[name, value] as const] : [],
  )
  return { ...Object.fromEntries(passed), AWS_REGION: region }
}
