import { fileURLToPath } from 'node:url'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, type BucketDeploymentProps, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'

/** Made by `frontend/build.ts` before the stack is. */
const PORTAL = fileURLToPath(new URL('../../frontend/dist', import.meta.url))

/** The files whose names tell their contents: a changed file has another name. */
const ASSETS = 'assets/*'

export interface PortalSiteProps {
  readonly logRetention: RetentionDays
}

/**
 * The portal's files, under `/portal`. Nobody reads the bucket but the distribution. Its reads are not logged: these are the same
 * public files for everybody, and who asks the gateway for anything of value is in the functions' logs.
 */
export class PortalSite extends Construct {
  readonly bucket: IBucket

  constructor(scope: Construct, id: string, { logRetention }: PortalSiteProps) {
    super(scope, id)
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Everything in it is made anew by a deployment; the deployments below empty it when the stack goes.
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // CDK's own declarations do not hold under exactOptionalPropertyTypes.
    this.bucket = bucket as IBucket
    this.upload(logRetention)
  }

  /** First what the new pages name, then the pages that name it: at no moment does a page ask for a file that is not there. */
  private upload(logRetention: RetentionDays): void {
    const shared: BucketDeploymentProps = {
      sources: [Source.asset(PORTAL)],
      destinationBucket: this.bucket,
      destinationKeyPrefix: 'portal',
      retainOnDelete: false,
      logGroup: new LogGroup(this, 'UploadLogs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY }),
    }
    const assets = new BucketDeployment(this, 'Assets', {
      ...shared,
      exclude: ['*'],
      include: [ASSETS],
      // An open tab still asks for the files of the version it began with. They are some 100 kB a version.
      prune: false,
      // A year is the longest that caches promise to keep (RFC 9111 leaves it open; RFC 2616, 14.21 told servers not to ask for more).
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    })
    const pages = new BucketDeployment(this, 'Pages', {
      ...shared,
      exclude: [ASSETS],
      // Asked for anew each time (an unchanged file costs a 304), so a deployment is seen at once and needs no invalidation.
      cacheControl: [CacheControl.noCache()],
    })
    pages.node.addDependency(assets)
  }
}
