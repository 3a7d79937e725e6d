/** The template's schedules and its stream, with the functions they lead to. */
import type { ScheduleRule } from '../schedules/schedules.ts'
import { recordFilterOf } from '../schedules/stream-filter.ts'
import { startTableStream, type TableStream } from '../schedules/table-stream.ts'
import type { DeployedFunctions } from './deploy-functions.ts'
import type { DeployedTable } from './deploy-tables.ts'
import { resolve, type Scope } from './intrinsics.ts'
import { property, type Template, textProperty } from './template.ts'

export function rulesOf(template: Template, scope: Scope, functions: DeployedFunctions): readonly ScheduleRule[] {
  return template.of('AWS::Events::Rule').flatMap(({ properties }) =>
    property<{ Arn: string }[]>(properties, 'Targets', scope).map(({ Arn }) => ({
      functionName: functions.nameOfArn(Arn),
      expression: textProperty(properties, 'ScheduleExpression', scope),
    })),
  )
}

export function startTableStreams(
  template: Template,
  scope: Scope,
  functions: DeployedFunctions,
  tables: ReadonlyMap<string, DeployedTable>,
  options: { readonly endpoint: string; log(line: string): void },
): readonly TableStream[] {
  return template.of('AWS::Lambda::EventSourceMapping').map(({ logicalId, properties }) => {
    const fn = functions.byName.get(functions.nameOfArn(textProperty(properties, 'FunctionName', scope)))
    const source = textProperty(properties, 'EventSourceArn', scope)
    const table = [...tables.values()].find(({ name }) => source === `stream-of:${name}`)
    if (fn === undefined || table?.streamArn === undefined)
      throw new Error(`the mapping ${logicalId} leads from or to nothing`)
    return startTableStream(fn, {
      endpoint: options.endpoint,
      streamArn: table.streamArn,
      batchSize: property<number>(properties, 'BatchSize', scope),
      maximumRetryAttempts: property<number>(properties, 'MaximumRetryAttempts', scope),
      filter: recordFilterOf(patternsOf(properties, scope)),
      log: options.log,
    })
  })
}

function patternsOf(properties: Readonly<Record<string, unknown>>, scope: Scope): readonly string[] {
  const criteria = resolve(properties.FilterCriteria, scope) as { Filters?: readonly { Pattern: string }[] } | undefined
  return (criteria?.Filters ?? []).map(({ Pattern }) => Pattern)
}
