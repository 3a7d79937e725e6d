/** The template's functions and their URLs, under the Lambda emulation. */
import type { FunctionDefinition } from '../lambda/environment.ts'
import { type FunctionOptions, type LocalFunction, startLocalFunction } from '../lambda/function.ts'
import { type FunctionUrl, startFunctionUrl } from '../lambda/function-url.ts'
import type { LocalClock } from '../schedules/clock.ts'
import type { Scope } from './intrinsics.ts'
import { functionArnOf, urlHostOf } from './names.ts'
import { property, type Template, tagOf } from './template.ts'

export interface DeployedFunctions {
  /** By their tag `gateway:function`. */
  readonly byName: ReadonlyMap<string, LocalFunction>
  nameOfArn(arn: string): string
}

/** Functions of CDK's own (it brings one to copy files to S3) carry no tag of ours and are not started. */
export function deployFunctions(
  template: Template,
  scope: Scope,
  options: (name: string) => FunctionOptions,
): DeployedFunctions {
  const byName = new Map<string, LocalFunction>()
  const names = new Map<string, string>()
  for (const { logicalId, properties } of template.of('AWS::Lambda::Function')) {
    const name = tagOf(properties, 'gateway:function')
    if (name === undefined) continue
    names.set(functionArnOf(logicalId), name)
    byName.set(name, startLocalFunction(definitionOf(name, template, properties, scope), options(name)))
  }
  return {
    byName,
    nameOfArn: (arn) => {
      const name = names.get(arn)
      if (name === undefined) throw new Error(`the template speaks of a function ${arn} that is not ours`)
      return name
    },
  }
}

function definitionOf(
  name: string,
  template: Template,
  properties: Readonly<Record<string, unknown>>,
  scope: Scope,
): FunctionDefinition {
  const { S3Key } = property<{ S3Key: string }>(properties, 'Code', scope)
  return {
    name,
    codeDir: template.assetFolder(S3Key),
    handler: property<string>(properties, 'Handler', scope),
    // Read when an environment starts: a variable may tell an address that is known by then only.
    get environment() {
      return property<{ Variables: Record<string, string> }>(properties, 'Environment', scope).Variables
    },
    memoryMb: property<number>(properties, 'MemorySize', scope),
    timeoutMs: property<number>(properties, 'Timeout', scope) * 1000,
  }
}

export interface DeployedUrl extends FunctionUrl {
  readonly functionName: string
  /** The host name the template knows it by. */
  readonly host: string
}

export async function deployFunctionUrls(
  template: Template,
  scope: Scope,
  functions: DeployedFunctions,
  clock: LocalClock,
): Promise<readonly DeployedUrl[]> {
  const urls: DeployedUrl[] = []
  for (const { logicalId, properties } of template.of('AWS::Lambda::Url')) {
    const mode = property<string>(properties, 'InvokeMode', scope)
    if (mode !== 'RESPONSE_STREAM')
      throw new Error(`the URL ${logicalId} is ${mode}; only RESPONSE_STREAM is known here`)
    const functionName = functions.nameOfArn(property<string>(properties, 'TargetFunctionArn', scope))
    const fn = functions.byName.get(functionName)
    if (fn === undefined) throw new Error(`the URL ${logicalId} leads to a function that was not started`)
    const host = urlHostOf(logicalId)
    urls.push({ functionName, host, ...(await startFunctionUrl(fn, { now: () => clock.now(), domainName: host })) })
  }
  return urls
}
