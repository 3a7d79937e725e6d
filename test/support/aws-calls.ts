/**
 * Which calls of AWS a deployed function can make, read from its sources with TypeScript's own checker: from the handler through
 * everything that is called, a member of an object only where somebody calls it. So a store that can read and write counts as reading
 * for a function that never calls what writes.
 */
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './repository.ts'

/** Client package → the prefix of its actions in IAM. Source: Service Authorization Reference. */
const PREFIXES: Readonly<Record<string, string>> = {
  '@aws-sdk/client-bedrock': 'bedrock',
  '@aws-sdk/client-bedrock-runtime': 'bedrock',
  '@aws-sdk/client-eventbridge': 'events',
  '@aws-sdk/client-kms': 'kms',
  '@aws-sdk/client-pricing': 'pricing',
  '@aws-sdk/client-secrets-manager': 'secretsmanager',
  '@aws-sdk/client-service-quotas': 'servicequotas',
  '@aws-sdk/client-sns': 'sns',
  '@aws-sdk/client-sts': 'sts',
}
const DYNAMODB = /^@aws-sdk\/(?:client|lib)-dynamodb$/

/** Command → action. A transaction needs those of what is in it. */
const TABLE_ACTIONS: Readonly<Record<string, string>> = {
  GetCommand: 'GetItem',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  DeleteCommand: 'DeleteItem',
  QueryCommand: 'Query',
  ScanCommand: 'Scan',
  BatchGetCommand: 'BatchGetItem',
  BatchWriteCommand: 'BatchWriteItem',
}
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}
const TRANSACTIONS = new Set(['TransactWriteCommand', 'TransactGetCommand'])

/**
 * What a parameter of a command needs beside the command's own action. Sources: Amazon Bedrock user guide, "Set up permissions to use
 * Amazon Bedrock Guardrails"; IAM user guide, "Pass session tags in AWS STS".
 */
const PARAMETER_ACTIONS: Readonly<Record<string, string>> = {
  guardrailIdentifier: 'bedrock:ApplyGuardrail',
  Tags: 'sts:TagSession',
}

const OURS = join(ROOT, 'lambdas')

type Member = ts.MethodDeclaration | ts.PropertyAssignment
const memberName = (member: ts.ObjectLiteralElementLike): string =>
  (member.name as ts.Identifier | undefined)?.text ?? ''
const isFunction = (node: ts.Node | undefined): node is ts.ArrowFunction | ts.FunctionExpression =>
  node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node))
/** `condition && what`: as good as `what`, for who asks what may be. */
const isAnd = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken
const isMember = (node: ts.Node): node is Member =>
  ts.isMethodDeclaration(node) || (ts.isPropertyAssignment(node) && isFunction(node.initializer))
/** Runs only when somebody asks the object for it, or calls it by its name. */
const isLazy = (node: ts.Node): boolean =>
  isMember(node) || ts.isFunctionDeclaration(node) || (ts.isVariableDeclaration(node) && isFunction(node.initializer))

/** What has been reached is not lazy any more; what lies in it may be. */
function within(reached: ts.Node, visit: (node: ts.Node) => void): void {
  if (isLazy(reached)) ts.forEachChild(reached, visit)
  else visit(reached)
}

interface Access {
  readonly name: string
  readonly of: ts.Type
}

class Reach {
  readonly nodes: ts.Node[] = []
  private readonly checker: ts.TypeChecker
  private readonly seen = new Set<ts.Node>()
  private readonly accesses: Access[] = []
  private readonly members: { readonly member: Member; readonly owner: ts.Type }[] = []

  constructor(program: ts.Program, handler: ts.SourceFile) {
    this.checker = program.getTypeChecker()
    this.module(handler)
  }

  /** A module's own statements run when it is imported; its functions do not, but for the handler. */
  private module(file: ts.SourceFile): void {
    if (this.seen.has(file)) return
    this.seen.add(file)
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement)) this.imported(statement)
      else if (ts.isExpressionStatement(statement) || isExportedHandler(statement)) this.run(statement)
      else if (ts.isVariableStatement(statement)) this.initialized(statement)
    }
  }

  private initialized({ declarationList }: ts.VariableStatement): void {
    for (const { initializer } of declarationList.declarations)
      if (initializer !== undefined && !isFunction(initializer)) this.run(initializer)
  }

  private imported({ importClause, moduleSpecifier }: ts.ImportDeclaration): void {
    if (importClause?.isTypeOnly === true) return
    const [file] = this.checker.getSymbolAtLocation(moduleSpecifier)?.declarations ?? []
    if (file !== undefined && ts.isSourceFile(file) && file.fileName.startsWith(OURS)) this.module(file)
  }

  private run(node: ts.Node): void {
    if (this.seen.has(node)) return
    this.seen.add(node)
    this.nodes.push(node)
    const visit = (inner: ts.Node): void => {
      if (ts.isTypeNode(inner) || isLazy(inner)) return
      if (ts.isObjectLiteralExpression(inner)) this.created(inner)
      if (ts.isIdentifier(inner)) this.referenced(inner)
      if (ts.isPropertyAccessExpression(inner))
        this.asked(inner.name.text, this.checker.getTypeAtLocation(inner.expression))
      if (ts.isObjectBindingPattern(inner)) this.destructured(inner)
      ts.forEachChild(inner, visit)
    }
    within(node, visit)
  }

  private destructured(pattern: ts.ObjectBindingPattern): void {
    const type = this.checker.getTypeAtLocation(pattern)
    for (const { propertyName, name } of pattern.elements) this.asked((propertyName ?? name).getText(), type)
  }

  private referenced(identifier: ts.Identifier): void {
    let symbol = ts.isShorthandPropertyAssignment(identifier.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(identifier.parent)
      : this.checker.getSymbolAtLocation(identifier)
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0)
      symbol = this.checker.getAliasedSymbol(symbol)
    for (const declaration of symbol?.declarations ?? []) {
      if (!declaration.getSourceFile().fileName.startsWith(OURS)) continue
      if (ts.isFunctionDeclaration(declaration)) this.run(declaration)
      if (ts.isVariableDeclaration(declaration) && isFunction(declaration.initializer)) this.run(declaration)
    }
  }

  private created(literal: ts.ObjectLiteralExpression): void {
    // The type of a literal itself allows no member too many, where somebody asks for less than it has.
    const owner =
      this.checker.getContextualType(literal) ?? this.checker.getTypeAtLocation(variableOf(literal) ?? literal)
    for (const member of literal.properties.filter(isMember)) {
      this.members.push({ member, owner })
      if (this.accesses.some((access) => this.fits(access, member, owner))) this.run(member)
    }
  }

  private asked(name: string, of: ts.Type): void {
    const access = { name, of }
    this.accesses.push(access)
    for (const { member, owner } of [...this.members]) if (this.fits(access, member, owner)) this.run(member)
  }

  private fits({ name, of }: Access, member: Member, owner: ts.Type): boolean {
    return memberName(member) === name && this.checker.isTypeAssignableTo(owner, this.checker.getNonNullableType(of))
  }
}

const variableOf = (literal: ts.ObjectLiteralExpression): ts.Node | undefined =>
  ts.isVariableDeclaration(literal.parent) ? literal.parent.name : undefined

const isExportedHandler = (statement: ts.Statement): boolean =>
  ts.isFunctionDeclaration(statement) && statement.name?.text === 'handler'

class Calls {
  /** `dynamodb:Query usage/GSI1`, `bedrock:InvokeModel` */
  readonly found = new Set<string>()
  private readonly checker: ts.TypeChecker
  private readonly nodes: readonly ts.Node[]

  constructor(checker: ts.TypeChecker, nodes: readonly ts.Node[]) {
    this.checker = checker
    this.nodes = nodes
    const visit = (node: ts.Node): void => {
      if (ts.isNewExpression(node)) this.command(node)
      if (ts.isPropertyAssignment(node) && ts.isObjectLiteralExpression(node.parent)) {
        this.inTransaction(node)
        this.withParameter(node)
      }
      if (!isLazy(node)) ts.forEachChild(node, visit)
    }
    for (const node of nodes) within(node, visit)
  }

  private command({
    expression,
    arguments: [input] = [] as unknown as ts.NodeArray<ts.Expression>,
  }: ts.NewExpression): void {
    const name = expression.getText()
    const from = name.endsWith('Command') ? this.packageOf(expression) : undefined
    if (from === undefined || TRANSACTIONS.has(name)) return
    if (!DYNAMODB.test(from)) {
      const prefix = PREFIXES[from]
      if (prefix === undefined) throw new Error(`${from} is not known here: add the prefix of its actions`)
      this.found.add(`${prefix}:${name.replace(/Command$/, '')}`)
      return
    }
    const action = TABLE_ACTIONS[name]
    if (action === undefined || input === undefined) throw new Error(`${name} is not known here: add its action`)
    this.onTable(action, input)
  }

  private withParameter({ name }: ts.PropertyAssignment): void {
    const action = PARAMETER_ACTIONS[name.getText()]
    if (action !== undefined) this.found.add(action)
  }

  private inTransaction({ name, initializer }: ts.PropertyAssignment): void {
    const action = TRANSACTION_ACTIONS[name.getText()]
    if (action !== undefined && this.property(initializer, 'TableName').length > 0) this.onTable(action, initializer)
  }

  private onTable(action: string, input: ts.Expression): void {
    const tables = [...this.property(input, 'TableName'), ...this.keysOf(input, 'RequestItems')].flatMap((one) =>
      this.tableOf(one),
    )
    if (tables.length === 0) throw new Error(`no table is told by ${input.getText().slice(0, 200)}`)
    const named = this.property(input, 'IndexName')
    const indexes = named.flatMap((one) => this.textsOf(one))
    if (named.length > 0 && indexes.length === 0)
      throw new Error(`no index is told by ${input.getText().slice(0, 200)}`)
    for (const table of tables) {
      if (indexes.length === 0) this.found.add(`dynamodb:${action} ${table}`)
      for (const index of indexes) this.found.add(`dynamodb:${action} ${table}/${index}`)
    }
  }

  /** The package that an imported name comes from. */
  private packageOf(expression: ts.Expression): string | undefined {
    const [declaration] = this.checker.getSymbolAtLocation(expression)?.declarations ?? []
    const statement = declaration === undefined ? undefined : ts.findAncestor(declaration, ts.isImportDeclaration)
    return (statement?.moduleSpecifier as ts.StringLiteral | undefined)?.text
  }

  /** What an expression may be: itself, what a name stands for, what a function returns, what its callers hand in. */
  private valuesOf(expression: ts.Expression): ts.Expression[] {
    if (
      ts.isSatisfiesExpression(expression) ||
      ts.isAsExpression(expression) ||
      ts.isParenthesizedExpression(expression)
    )
      return this.valuesOf(expression.expression)
    if (ts.isConditionalExpression(expression))
      return [expression.whenTrue, expression.whenFalse].flatMap((one) => this.valuesOf(one))
    if (isAnd(expression)) return this.valuesOf(expression.right)
    if (ts.isIdentifier(expression)) return this.valuesOfName(expression)
    if (ts.isCallExpression(expression)) return this.returnsOf(expression)
    return [expression]
  }

  private valuesOfName(name: ts.Identifier): ts.Expression[] {
    const symbol = ts.isShorthandPropertyAssignment(name.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(name.parent)
      : this.checker.getSymbolAtLocation(name)
    const declaration = symbol?.valueDeclaration
    if (declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined)
      return this.valuesOf(declaration.initializer)
    if (declaration !== undefined && ts.isParameter(declaration)) return this.argumentsFor(declaration)
    return [name]
  }

  private returnsOf({ expression }: ts.CallExpression): ts.Expression[] {
    const body = this.functionOf(expression)?.body
    if (body === undefined) return []
    if (!ts.isBlock(body)) return this.valuesOf(body)
    return body.statements.flatMap((one) =>
      ts.isReturnStatement(one) && one.expression ? this.valuesOf(one.expression) : [],
    )
  }

  private functionOf(
    callee: ts.Expression,
  ): ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression | undefined {
    let symbol = this.checker.getSymbolAtLocation(callee)
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0)
      symbol = this.checker.getAliasedSymbol(symbol)
    const declaration = symbol?.valueDeclaration
    if (declaration === undefined) return undefined
    if (ts.isFunctionDeclaration(declaration)) return declaration
    return ts.isVariableDeclaration(declaration) && isFunction(declaration.initializer)
      ? declaration.initializer
      : undefined
  }

  /** By every call in what is reached. */
  private argumentsFor(parameter: ts.ParameterDeclaration): ts.Expression[] {
    const place = parameter.parent.parameters.indexOf(parameter)
    const found: ts.Expression[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && this.functionOf(node.expression) === parameter.parent) {
        const argument = node.arguments[place]
        // A table's name that says which table needs no further look; neither does one that comes from itself.
        if (argument !== undefined) found.push(...(tableNamed(argument) ? [argument] : this.valuesOf(argument)))
      }
      if (!isLazy(node)) ts.forEachChild(node, visit)
    }
    for (const node of this.nodes) within(node, visit)
    return found
  }

  private property(expression: ts.Expression, name: string): ts.Expression[] {
    return this.valuesOf(expression).flatMap((value) => {
      if (!ts.isObjectLiteralExpression(value)) return []
      return value.properties.flatMap((one) => {
        if (ts.isSpreadAssignment(one)) return this.property(one.expression, name)
        if (memberName(one) !== name) return []
        if (ts.isShorthandPropertyAssignment(one)) return [one.name]
        return ts.isPropertyAssignment(one) ? [one.initializer] : []
      })
    })
  }

  private keysOf(expression: ts.Expression, name: string): ts.Expression[] {
    const objects = this.property(expression, name)
      .flatMap((one) => this.valuesOf(one))
      .filter(ts.isObjectLiteralExpression)
    return objects.flatMap((one) => this.computedKeysOf(one))
  }

  private computedKeysOf({ properties }: ts.ObjectLiteralExpression): ts.Expression[] {
    return properties.flatMap((one) => {
      if (ts.isSpreadAssignment(one)) {
        const spread = this.valuesOf(one.expression).filter(ts.isObjectLiteralExpression)
        return spread.flatMap((inner) => this.computedKeysOf(inner))
      }
      return one.name !== undefined && ts.isComputedPropertyName(one.name) ? [one.name.expression] : []
    })
  }

  private tableOf(expression: ts.Expression): string[] {
    const named = tableNamed(expression)
    if (named !== undefined) return [named]
    const values = this.valuesOf(expression)
    return values.flatMap((value) => {
      const table = tableNamed(value)
      if (table === undefined)
        throw new Error(`which table is ${value.getText()} in ${value.getSourceFile().fileName}?`)
      return [table]
    })
  }

  private textsOf(expression: ts.Expression): string[] {
    return this.valuesOf(expression).map((value) => {
      if (ts.isStringLiteralLike(value)) return value.text
      throw new Error(`which index is ${value.getText()} in ${value.getSourceFile().fileName}?`)
    })
  }
}

/** `coreTable`, `tables.core`, `env.CORE_TABLE`: a name that says which table it is of. */
function tableNamed(expression: ts.Expression): string | undefined {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText()
  return /^(core|usage|events|ephemeral)(?:_?table)?$/i.exec(name)?.[1]?.toLowerCase()
}

/** @returns the actions in IAM's words, each with its table (and index) where it is one of DynamoDB's; sorted. */
export function awsCallsOf(functions: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const handlers = functions.map((name) => join(OURS, 'functions', name, 'handler.ts'))
  const program = ts.createProgram(handlers, options)
  return new Map(
    functions.map((name, place) => {
      const file = program.getSourceFile(handlers[place] ?? '')
      if (file === undefined) throw new Error(`there is no function ${name}`)
      const { nodes } = new Reach(program, file)
      return [name, [...new Calls(program.getTypeChecker(), nodes).found].sort()]
    }),
  )
}
