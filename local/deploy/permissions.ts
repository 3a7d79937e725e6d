/**
 * What the template's roles let each function do with DynamoDB. A grant that is missing breaks nothing on this machine by
 * itself, and everything in an account; so tests have it enforced.
 */
import { resolve, type Scope } from './intrinsics.ts'
import { property, type Template, tagOf } from './template.ts'

/** @param resource An ARN. */
export type Permissions = (functionName: string, action: string, resource: string) => boolean

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
}

interface Grant {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
}

export function permissionsOf(template: Template, scope: Scope): Permissions {
  const grants = new Map<string, readonly Grant[]>()
  for (const { properties } of template.of('AWS::Lambda::Function')) {
    const name = tagOf(properties, 'gateway:function')
    if (name !== undefined) grants.set(name, grantsOf(property<string>(properties, 'Role', scope), template, scope))
  }
  return (functionName, action, resource) =>
    (grants.get(functionName) ?? []).some(
      ({ actions, resources }) => actions.includes(action) && resources.some((pattern) => covers(pattern, resource)),
    )
}

function grantsOf(roleArn: string, template: Template, scope: Scope): readonly Grant[] {
  const policies = template
    .of('AWS::IAM::Policy')
    .filter(({ properties }) =>
      property<readonly string[]>(properties, 'Roles', scope).some((role) => roleArn.endsWith(`/${role}`)),
    )
  return policies
    .flatMap(({ properties }) => (properties.PolicyDocument as { Statement: readonly Statement[] }).Statement)
    .filter(({ Action }) => listOf(Action).every((action) => action.startsWith('dynamodb:')))
    .map(({ Effect, Action, Resource }) => {
      if (Effect !== 'Allow') throw new Error(`a policy says ${Effect}, which is not known here`)
      return { actions: listOf(Action), resources: listOf(resolve(Resource, scope) as string | readonly string[]) }
    })
}

const listOf = (one: string | readonly string[]): readonly string[] => (typeof one === 'string' ? [one] : one)

/** Our policies use `*` at the end alone. */
const covers = (pattern: string, resource: string): boolean =>
  pattern.endsWith('*') ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern
