/**
 * CloudFormation's intrinsic functions, as far as our template uses them. What is not known here is an error that names
 * itself, so that a construct which starts to use something new is noticed and not guessed at.
 * Source: AWS CloudFormation template reference, "Intrinsic functions" and "Dynamic references".
 */

export interface Scope {
  /** `Ref` of a resource or parameter. */
  ref(name: string): string
  /** `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): string
  condition(name: string): boolean
  /** The value of `{{resolve:secretsmanager:<arn>:SecretString:<member or nothing>…}}`. */
  secret(arn: string, member: string): string
}

/** The pseudo parameters of the account that this machine plays. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000',
  'AWS::Region': 'us-east-1',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'ClaudeCodeGateway',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:000000000000:stack/ClaudeCodeGateway/local',
}

const NO_VALUE = Symbol('AWS::NoValue')

/** @throws Error that names a function that is not known. */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveInside(value, scope)
  return resolved === NO_VALUE ? undefined : resolved
}

/** @throws Error when it does not come to a text. */
export function resolveText(value: unknown, scope: Scope): string {
  const resolved = resolve(value, scope)
  if (typeof resolved === 'string' || typeof resolved === 'number') return String(resolved)
  throw new Error(`not a text: ${JSON.stringify(value)}`)
}

function resolveInside(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return dynamicReferences(value, scope)
  if (Array.isArray(value)) return value.map((one) => resolveInside(one, scope)).filter((one) => one !== NO_VALUE)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    return call(only[0], only[1], scope)
  }
  const members = entries.map(([name, inner]) => [name, resolveInside(inner, scope)] as const)
  return Object.fromEntries(members.filter(([, inner]) => inner !== NO_VALUE))
}

type Call = (argument: unknown, scope: Scope) => unknown

const listOf = (argument: unknown): readonly unknown[] => {
  if (!Array.isArray(argument)) throw new Error(`expected a list: ${JSON.stringify(argument)}`)
  return argument
}

const textsOf = (argument: unknown, scope: Scope): string[] => {
  const resolved = resolveInside(argument, scope)
  return listOf(resolved).map((one) => String(one))
}

const CALLS: Readonly<Record<string, Call>> = {
  Ref: (name, scope) => {
    if (name === 'AWS::NoValue') return NO_VALUE
    return PSEUDO_PARAMETERS[String(name)] ?? scope.ref(String(name))
  },
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...attribute] = typeof argument === 'string' ? argument.split('.') : listOf(argument).map(String)
    return scope.attribute(logicalId ?? '', attribute.join('.'))
  },
  'Fn::Join': (argument, scope) => {
    const [by, parts] = listOf(argument)
    return dynamicReferences(textsOf(parts, scope).join(String(by)), scope)
  },
  'Fn::Split': (argument, scope) => {
    const [by, text] = listOf(argument)
    return resolveText(text, scope).split(String(by))
  },
  'Fn::Select': (argument, scope) => {
    const [place, list] = listOf(argument)
    const chosen = listOf(resolveInside(list, scope))[Number(place)]
    if (chosen === undefined) throw new Error(`Fn::Select ${place} of ${JSON.stringify(list)}: there is none`)
    return chosen
  },
  'Fn::Sub': (argument, scope) => {
    const [template, own] = Array.isArray(argument) ? argument : [argument, {}]
    const filled = String(template).replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) =>
      substitute(name, own as Record<string, unknown>, scope),
    )
    return dynamicReferences(filled.replaceAll('${!', '${'), scope)
  },
  'Fn::If': (argument, scope) => {
    const [name, then, otherwise] = listOf(argument)
    return resolveInside(scope.condition(String(name)) ? then : otherwise, scope)
  },
}

function substitute(name: string, own: Record<string, unknown>, scope: Scope): string {
  if (name in own) return resolveText(own[name], scope)
  return resolveText(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name }, scope)
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const known = CALLS[name]
  if (known === undefined) throw new Error(`the template uses ${name}, which is not known here`)
  return known(argument, scope)
}

/** Inside, an ARN has six colons of its own; what follows it is `SecretString`, a member, and two versions that stay empty. */
const SECRET =
  /\{\{resolve:secretsmanager:(arn:[^:]*:[^:]*:[^:]*:[^:]*:secret:[^:}]+)(?::SecretString(?::([^:}]*))?[^}]*)?\}\}/g

function dynamicReferences(text: string, scope: Scope): string {
  const resolved = text.replace(SECRET, (_, arn: string, member: string | undefined) => scope.secret(arn, member ?? ''))
  // A text may still be one part of a Fn::Join that completes it; whole and unknown is an error.
  if (/\{\{resolve:[^{}]*\}\}/.test(resolved)) throw new Error(`a dynamic reference is not known here: ${resolved}`)
  return resolved
}
