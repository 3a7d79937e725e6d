/** The synthesized template, read as what this machine has to make of it. Nothing is made here. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resolve, resolveText, type Scope } from './intrinsics.ts'

export const STACK = 'ClaudeCodeGateway'

interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

interface RawTemplate {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>
}

export interface Template {
  /** Logical ids of one type, with their properties as they stand. */
  of(type: string): readonly { readonly logicalId: string; readonly properties: Readonly<Record<string, unknown>> }[]
  typeOf(logicalId: string): string
  /** Every resource, whatever its type. */
  readonly resources: readonly { readonly logicalId: string; readonly type: string; readonly condition?: string }[]
  readonly outputs: Readonly<Record<string, unknown>>
  /** The folder of an asset, by the S3 key under which CloudFormation would find it. */
  assetFolder(s3Key: string): string
}

export function readTemplate(cdkOut: string): Template {
  const file = join(cdkOut, `${STACK}.template.json`)
  if (!existsSync(file)) throw new Error(`there is no synthesized template at ${file}`)
  const raw = JSON.parse(readFileSync(file, 'utf8')) as RawTemplate
  const assets = JSON.parse(readFileSync(join(cdkOut, `${STACK}.assets.json`), 'utf8')) as {
    files: Record<string, { source: { path: string } }>
  }
  return {
    of: (type) =>
      Object.entries(raw.Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([logicalId, resource]) => ({ logicalId, properties: resource.Properties ?? {} })),
    typeOf: (logicalId) => {
      const found = raw.Resources[logicalId]
      if (found === undefined) throw new Error(`the template has no ${logicalId}`)
      return found.Type
    },
    resources: Object.entries(raw.Resources).map(([logicalId, { Type, Condition }]) => ({
      logicalId,
      type: Type,
      ...(Condition !== undefined && { condition: Condition }),
    })),
    outputs: Object.fromEntries(Object.entries(raw.Outputs ?? {}).map(([name, { Value }]) => [name, Value])),
    assetFolder: (s3Key) => {
      const asset = assets.files[s3Key.replace(/\.zip$/, '')]
      if (asset === undefined) throw new Error(`the asset manifest has no ${s3Key}`)
      return join(cdkOut, asset.source.path)
    },
  }
}

type Tags = readonly { readonly Key: string; readonly Value: string }[] | undefined

/** The name our constructs give a resource beside its logical id. */
export const tagOf = (properties: Readonly<Record<string, unknown>>, key: string): string | undefined =>
  (properties.Tags as Tags)?.find((tag) => tag.Key === key)?.Value

/** A property that has to be there, resolved. */
export function property<T = unknown>(properties: Readonly<Record<string, unknown>>, name: string, scope: Scope): T {
  const value = resolve(properties[name], scope)
  if (value === undefined) throw new Error(`the template leaves out ${name}`)
  return value as T
}

export const textProperty = (properties: Readonly<Record<string, unknown>>, name: string, scope: Scope): string =>
  resolveText(properties[name], scope)
