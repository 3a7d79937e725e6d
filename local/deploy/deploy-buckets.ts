/**
 * What CDK's BucketDeployment uploads, as folders: chosen by its filters, under its prefix, with the `cache-control` it gives its files.
 * It runs `aws s3 sync`, whose filters these are: the last one that fits a file decides. Source: AWS CLI reference, "s3 sync".
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { matchesPath } from '../distribution/path-pattern.ts'
import { resolveText, type Scope } from './intrinsics.ts'
import { bucketHostOf } from './names.ts'
import type { Template } from './template.ts'

interface Deployment {
  readonly SourceObjectKeys: readonly unknown[]
  readonly DestinationBucketName: { readonly Ref?: string }
  readonly DestinationBucketKeyPrefix: string
  readonly Exclude?: readonly string[]
  readonly Include?: readonly string[]
  /** Whether what is not uploaded goes. */
  readonly Prune: boolean
  readonly SystemMetadata?: Readonly<Record<string, string>>
}

/** What else such a resource says: where it runs, and what becomes of the files with the stack. */
const WITHOUT_EFFECT = [
  'ServiceToken',
  'SourceBucketNames',
  'RetainOnDelete',
  'WaitForDistributionInvalidation',
  'OutputObjectKeys',
]

const KNOWN = new Set([
  ...WITHOUT_EFFECT,
  'SourceObjectKeys',
  'DestinationBucketName',
  'DestinationBucketKeyPrefix',
  'Exclude',
  'Include',
  'Prune',
  'SystemMetadata',
])

/** In the order of the template, which is that of CloudFormation as far as one waits for the other. */
export function deployBuckets(template: Template, scope: Scope, bucketFolder: string): void {
  for (const { logicalId, properties } of template.of('Custom::CDKBucketDeployment')) {
    const unknown = Object.keys(properties).filter((name) => !KNOWN.has(name))
    if (unknown.length > 0) throw new Error(`${logicalId} has ${unknown.join(', ')}, which is not known here`)
    upload(properties as unknown as Deployment, template, scope, bucketFolder)
  }
}

function upload(deployment: Deployment, template: Template, scope: Scope, bucketFolder: string): void {
  const bucket = join(bucketFolder, bucketHostOf(deployment.DestinationBucketName.Ref ?? ''))
  const folder = join(bucket, deployment.DestinationBucketKeyPrefix)
  mkdirSync(folder, { recursive: true })
  const chosen = (file: string): boolean => isChosen(file, deployment)
  const sources = deployment.SourceObjectKeys.map((key) => template.assetFolder(resolveText(key, scope)))
  const files = sources.flatMap((source) =>
    filesOf(source)
      .filter(chosen)
      .map((file) => ({ source, file })),
  )
  if (deployment.Prune) {
    const stay = new Set(files.map(({ file }) => file))
    for (const file of filesOf(folder)) if (chosen(file) && !stay.has(file)) rmSync(join(folder, file))
  }
  const kept = readCacheControl(bucket)
  const cacheControl = cacheControlOf(deployment)
  for (const { source, file } of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(source, file), join(folder, file))
    const key = `${deployment.DestinationBucketKeyPrefix}/${file}`
    if (cacheControl === undefined) kept.delete(key)
    else kept.set(key, cacheControl)
  }
  writeFileSync(metadataFileOf(bucket), JSON.stringify(Object.fromEntries(kept)))
}

function cacheControlOf({ SystemMetadata = {} }: Deployment): string | undefined {
  const { 'cache-control': cacheControl, ...others } = SystemMetadata
  const [other] = Object.keys(others)
  if (other !== undefined) throw new Error(`a bucket deployment sets ${other}, which is not known here`)
  return cacheControl
}

/** Everything, but what is excluded, but what is included again. */
function isChosen(file: string, { Exclude = [], Include = [] }: Deployment): boolean {
  // The CLI's `*` passes slashes, as CloudFront's does.
  const fits = (pattern: string): boolean => matchesPath(pattern, file)
  return Include.some(fits) || !Exclude.some(fits)
}

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )

/** Beside the bucket's folder, where no request reaches it. */
const metadataFileOf = (bucket: string): string => `${bucket}.cache-control.json`

/** Key → `cache-control`, also of files of earlier deployments. */
export function readCacheControl(bucket: string): Map<string, string> {
  const file = metadataFileOf(bucket)
  return new Map(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : [],
  )
}
