/** The template's distribution as behaviours that `local/distribution` can serve. */
import { join } from 'node:path'
import type { Behaviour, Origin, ResponseHeader } from '../distribution/distribution.ts'
import { loadViewerFunction, type ViewerFunction } from '../distribution/viewer-function.ts'
import { readCacheControl } from './deploy-buckets.ts'
import type { DeployedUrl } from './deploy-functions.ts'
import type { Scope } from './intrinsics.ts'
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
    responseHeaders:
      behaviour.ResponseHeadersPolicyId === undefined
        ? []
        : required(policies.get(behaviour.ResponseHeadersPolicyId), behaviour.ResponseHeadersPolicyId),
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
  if (origin.CustomOriginConfig === undefined) {
    const path = join(bucketFolder, origin.DomainName)
    return { kind: 'folder', path, cacheControl: readCacheControl(path) }
  }
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

interface HeadersConfig {
  readonly SecurityHeadersConfig?: Readonly<
    Record<string, { readonly Override: boolean } & Readonly<Record<string, unknown>>>
  >
  readonly CustomHeadersConfig?: {
    readonly Items: readonly { readonly Header: string; readonly Value: string; readonly Override: boolean }[]
  }
}

/** CloudFront's names → the header, and the member that holds its value (`nosniff` is the only one there is). */
const SECURITY_HEADERS: Readonly<Record<string, readonly [header: string, member: string]>> = {
  ContentSecurityPolicy: ['content-security-policy', 'ContentSecurityPolicy'],
  ContentTypeOptions: ['x-content-type-options', ''],
  FrameOptions: ['x-frame-options', 'FrameOption'],
  ReferrerPolicy: ['referrer-policy', 'ReferrerPolicy'],
}

/** Browsers ignore it over plain HTTP. */
const ONLY_OVER_TLS = 'StrictTransportSecurity'

function headersOf(properties: Readonly<Record<string, unknown>>): readonly ResponseHeader[] {
  const { SecurityHeadersConfig = {}, CustomHeadersConfig, ...rest } = configOf(properties)
  const unknown = Object.keys(rest).filter((name) => !['Name', 'Comment'].includes(name))
  if (unknown.length > 0)
    throw new Error(`a response headers policy has ${unknown.join(', ')}, which is not known here`)
  const security = Object.entries(SecurityHeadersConfig).filter(([name]) => name !== ONLY_OVER_TLS)
  return [
    ...security.map(([name, one]) => {
      const [header, member] = required(SECURITY_HEADERS[name], name)
      return { name: header, value: member === '' ? 'nosniff' : String(one[member]), override: one.Override }
    }),
    ...(CustomHeadersConfig?.Items ?? []).map(({ Header, Value, Override }) => {
      return { name: Header.toLowerCase(), value: Value, override: Override }
    }),
  ]
}

const configOf = (properties: Readonly<Record<string, unknown>>) =>
  properties.ResponseHeadersPolicyConfig as HeadersConfig
