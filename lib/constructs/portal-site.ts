import { fileURLToPath } from 'node:url'
import { RemovalPolicy } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'

/** Made by `frontend/build.ts` before the stack is. */
const PORTAL = fileURLToPath(new URL('../../frontend/dist', import.meta.url))

/** The portal's files. Nobody reads the bucket but the distribution. */
export class PortalSite extends Construct {
  readonly bucket: IBucket

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Everything in it is made anew by a deployment.
      removalPolicy: RemovalPolicy.DESTROY,
      // CDK's own declarations do not hold under exactOptionalPropertyTypes.
    }) as IBucket
  }

  /** Uploads the portal under `/portal`, and lets the distribution forget the version before. */
  deployThrough(distribution: Distribution): void {
    new BucketDeployment(this, 'Deployment', {
      sources: [Source.asset(PORTAL)],
      destinationBucket: this.bucket,
      destinationKeyPrefix: 'portal',
      distribution,
      distributionPaths: ['/portal/*'],
    })
  }
}
