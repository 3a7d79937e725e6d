/**
 * Which permissions a call of DynamoDB needs. A transaction needs those of its parts, and none of its own.
 * Source: Amazon DynamoDB developer guide, "Using IAM with DynamoDB transactions"; service authorization reference.
 */

export interface Need {
  /** `dynamodb:Query` */
  readonly action: string
  readonly table: string
  readonly index?: string
}

interface Part {
  readonly TableName?: string
  readonly IndexName?: string
}

interface Body extends Part {
  readonly RequestItems?: Readonly<Record<string, unknown>>
  readonly TransactItems?: readonly Readonly<Record<string, Part>>[]
}

const PART_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

export function needsOf(operation: string, body: Body): readonly Need[] {
  if (body.TransactItems !== undefined) {
    return body.TransactItems.flatMap((item) =>
      Object.entries(item).flatMap(([kind, part]) => needOf(PART_ACTIONS[kind] ?? kind, part)),
    )
  }
  if (body.RequestItems !== undefined) {
    return Object.keys(body.RequestItems).flatMap((table) => needOf(operation, { TableName: table }))
  }
  return needOf(operation, body)
}

function needOf(operation: string, { TableName, IndexName }: Part): readonly Need[] {
  if (TableName === undefined) return []
  const index = IndexName === undefined ? {} : { index: IndexName }
  return [{ action: `dynamodb:${operation}`, table: TableName, ...index }]
}
