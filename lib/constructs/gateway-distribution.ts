import { fileURLToPath } from 'node:url'
import { Duration } from 'aws-cdk-lib'
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  Function as ViewerFunction,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { FunctionUrlOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

export interface GatewayDistributionProps {
  readonly messages: FunctionUrl
  readonly control: FunctionUrl
  readonly portal: IBucket
  readonly originSecret: Secret
}

/** The control plane's paths. Everything else that is not the portal goes to the data plane, which answers unknown paths in Anthropic's words. */
const CONTROL_PATHS = ['/admin*', '/auth*', '/scim*', '/metrics', '/health/deep']

/** The longest silence between two packets that CloudFront allows without a raised quota; a ping comes after 10 s. */
const ORIGIN_READ_TIMEOUT = Duration.seconds(60)

/** One address for portal, control plane and data plane, so that the portal needs no CORS. */
export class GatewayDistribution extends Construct {
  readonly distribution: Distribution

  constructor(scope: Construct, id: string, props: GatewayDistributionProps) {
    super(scope, id)
    const toFunction = (url: FunctionUrl, viewer: ViewerFunction): BehaviorOptions => ({
      origin: new FunctionUrlOrigin(url, {
        readTimeout: ORIGIN_READ_TIMEOUT,
        customHeaders: { 'x-origin-verify': props.originSecret.secretValue.unsafeUnwrap() },
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      functionAssociations: [{ function: viewer, eventType: FunctionEventType.VIEWER_REQUEST }],
    })
    const toFunctionViewer = this.viewerFunction('ToFunction', 'to-function.js')
    const control = toFunction(props.control, toFunctionViewer)
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Claude Code Gateway',
      httpVersion: HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      defaultBehavior: toFunction(props.messages, toFunctionViewer),
      additionalBehaviors: {
        '/portal*': this.portalBehaviour(props.portal),
        ...Object.fromEntries(CONTROL_PATHS.map((path) => [path, control])),
      },
    })
  }

  private portalBehaviour(bucket: IBucket): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: this.portalHeaders(),
      functionAssociations: [
        { function: this.viewerFunction('ToPortal', 'to-portal.js'), eventType: FunctionEventType.VIEWER_REQUEST },
      ],
    }
  }

  private portalHeaders(): ResponseHeadersPolicy {
    const csp = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "connect-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]
    return new ResponseHeadersPolicy(this, 'PortalHeaders', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: csp.join('; '), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        // A year, as browsers ask for; the distribution speaks nothing but TLS.
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
    })
  }

  private viewerFunction(id: string, file: string): ViewerFunction {
    return new ViewerFunction(this, id, {
      code: FunctionCode.fromFile({ filePath: fileURLToPath(new URL(`./cloudfront/${file}`, import.meta.url)) }),
      runtime: FunctionRuntime.JS_2_0,
    })
  }
}
