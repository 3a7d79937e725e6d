/** Everybody and everything that has a name: three queries, since a whole list costs less than its items one by one. */
import { QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { readEndpointsPartition } from '../endpoints/endpoints-partition.store.ts'
import { type OwnPlace, routingOf } from '../endpoints/read-routing.ts'
import { TEAMS_LIST, USERS_LIST } from '../table/core-keys.ts'
import type { Documents } from '../table/document.store.ts'
import { queryAll } from '../table/query-all.store.ts'
import type { OrgNames } from './org-names.ts'

export interface OrgNameStore {
  all(): Promise<OrgNames>
}

const Person = z.object({ id: z.string(), email: z.string(), display_name: z.string().nullish() })
const Team = z.object({ id: z.string(), name: z.string() })

/** @param own Where the deployment is: its endpoint has a name before anybody has written one. */
export function openOrgNames(documents: Documents, coreTable: string, own: OwnPlace): OrgNameStore {
  const list = (partition: string) =>
    queryAll(
      documents,
      (ExclusiveStartKey) =>
        new QueryCommand({
          TableName: coreTable,
          IndexName: 'GSI1',
          KeyConditionExpression: 'GSI1PK = :partition',
          ExpressionAttributeValues: { ':partition': partition },
          ProjectionExpression: 'id, email, #name, display_name',
          ExpressionAttributeNames: { '#name': 'name' },
          ExclusiveStartKey,
        }),
    )
  return {
    async all() {
      const [people, teams, endpoints] = await Promise.all([
        list(USERS_LIST),
        list(TEAMS_LIST),
        readEndpointsPartition(documents, coreTable),
      ])
      return {
        people: new Map(
          people
            .map((item) => Person.parse(item))
            .map(({ id, email, display_name }) => [id, { email, displayName: display_name ?? null }]),
        ),
        teams: new Map(teams.map((item) => Team.parse(item)).map(({ id, name }) => [id, name])),
        endpoints: new Map(routingOf(endpoints, own).endpoints.map(({ id, name }) => [id, name])),
      }
    },
  }
}
