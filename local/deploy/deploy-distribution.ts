/** The template's distribution as behaviours that `local/distribution` can serve. */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Behaviour, Origin } from '../distribution/distribution.ts'
import { loadViewerFunction, type ViewerFunction } from '../distribution/viewer-function.ts'
import type { DeployedUrl } from './deploy-functions.ts'
import type { Scope } from './intrinsics.ts'
import { bucketHostOf } from './names.ts'
import { property, type Template, textProperty } from './template.ts'

interface CacheBehavior {
  readonly PathPattern?: string
  readonly AllowedMethods?: readonly string[]
  readonly TargetOriginId: string
  readonly ResponseHeadersPolicyId?: string
  readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: string }[]
}

interface DistributionConfig {
  readonly DefaultCacheBehavior: CacheBehavior
  readonly CacheBehaviors?: readonly CacheBehavior[]
  readonly Origins: readonly {
    readonly Id: string
    readonly DomainName: string
    readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: string }[]
    readonly CustomOriginConfig?: { readonly OriginReadTimeout?: number }
  }[]
}

/** CloudFront's default. */
const DEFAULT_READ_TIMEOUT_SECONDS = 30

export function behavioursOf(
  template: Template,
  scope: Scope,
  urls: readonly DeployedUrl[],
  bucketFolder: string,
): readonly Behaviour[] {
  const [distribution] = template.of('AWS::CloudFront::Distribution')
  if (distribution === undefined) throw new Error('the template has no distribution')
  const config = property<DistributionConfig>(distribution.properties, 'DistributionConfig', scope)
  const origins = new Map(config.Origins.map((origin) => [origin.Id, originOf(origin, urls, bucketFolder)]))
  const viewers = new Map(
    template.of('AWS::CloudFront::Function').map(({ logicalId, properties }) => {
      return [logicalId, loadViewerFunction(textProperty(properties, 'FunctionCode', scope))] as const
    }),
  )
  const policies = new Map(
    template
      .of('AWS::CloudFront::ResponseHeadersPolicy')
      .map(({ logicalId, properties }) => [logicalId, headersOf(properties)]),
  )
  const all = [...(config.CacheBehaviors ?? []), { ...config.DefaultCacheBehavior, PathPattern: '*' }]
  return all.map((behaviour) => ({
    pathPattern: behaviour.PathPattern ?? '*',
    methods: new Set(behaviour.AllowedMethods ?? ['GET', 'HEAD']),
    viewerRequest: viewerOf(behaviour, viewers),
    origin: required(origins.get(behaviour.TargetOriginId), behaviour.TargetOriginId),
    responseHeaders: policies.get(behaviour.ResponseHeadersPolicyId ?? '') ?? {},
  }))
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the distribution speaks of ${name}, which the template does not have`)
  return value
}

function viewerOf(behaviour: CacheBehavior, viewers: ReadonlyMap<string, ViewerFunction>): ViewerFunction | undefined {
  const [association, ...more] = behaviour.FunctionAssociations ?? []
  if (association === undefined) return undefined
  if (association.EventType !== 'viewer-request' || more.length > 0)
    throw new Error('only one viewer-request function is known here')
  return required(viewers.get(association.FunctionARN), association.FunctionARN)
}

function originOf(
  origin: DistributionConfig['Origins'][number],
  urls: readonly DeployedUrl[],
  bucketFolder: string,
): Origin {
  if (origin.CustomOriginConfig === undefined) return { kind: 'folder', path: join(bucketFolder, origin.DomainName) }
  const url = required(
    urls.find(({ host }) => host === origin.DomainName),
    origin.DomainName,
  )
  const seconds = origin.CustomOriginConfig.OriginReadTimeout ?? DEFAULT_READ_TIMEOUT_SECONDS
  return {
    kind: 'function',
    url: url.url,
    headers: Object.fromEntries(
      (origin.OriginCustomHeaders ?? []).map((one) => [one.HeaderName.toLowerCase(), one.HeaderValue]),
    ),
    readTimeoutMs: seconds * 1000,
  }
}

interface SecurityHeaders {
  readonly ContentSecurityPolicy?: { readonly ContentSecurityPolicy: string }
  readonly ContentTypeOptions?: object
  readonly FrameOptions?: { readonly FrameOption: string }
  readonly ReferrerPolicy?: { readonly ReferrerPolicy: string }
  readonly StrictTransportSecurity?: { readonly AccessControlMaxAgeSec: number }
}

/** All but Strict-Transport-Security, which browsers ignore over plain HTTP. */
function headersOf(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const config = properties.ResponseHeadersPolicyConfig as { SecurityHeadersConfig?: SecurityHeaders } | undefined
  const security = config?.SecurityHeadersConfig ?? {}
  return {
    ...(security.ContentSecurityPolicy && {
      'content-security-policy': security.ContentSecurityPolicy.ContentSecurityPolicy,
    }),
    ...(security.ContentTypeOptions && { 'x-content-type-options': 'nosniff' }),
    ...(security.FrameOptions && { 'x-frame-options': security.FrameOptions.FrameOption }),
    ...(security.ReferrerPolicy && { 'referrer-policy': security.ReferrerPolicy.ReferrerPolicy }),
  }
}

/** Copies what CDK's BucketDeployment uploads, under the prefix it uploads to; what lay there before goes (`Prune`). */
export function deployBuckets(template: Template, scope: Scope, bucketFolder: string): void {
  for (const { properties } of template.of('Custom::CDKBucketDeployment')) {
    const reference = properties.DestinationBucketName as { Ref?: string }
    const folder = join(
      bucketFolder,
      bucketHostOf(reference.Ref ?? ''),
      textProperty(properties, 'DestinationBucketKeyPrefix', scope),
    )
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const key of property<string[]>(properties, 'SourceObjectKeys', scope)) {
      cpSync(template.assetFolder(key), folder, { recursive: true })
    }
  }
}
