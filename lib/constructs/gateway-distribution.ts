import { fileURLToPath } from 'node:url'
import { Duration } from 'aws-cdk-lib'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
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
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type { CustomDomain } from '../settings.ts'

export interface GatewayDistributionProps {
  readonly messages: FunctionUrl
  readonly control: FunctionUrl
  readonly portal: IBucket
  readonly originSecret: Secret
  readonly domain: CustomDomain | undefined
}

/** The control plane's paths. Everything else that is not the portal goes to the data plane, which answers unknown paths in Anthropic's words. */
const CONTROL_PATHS = ['/admin*', '/auth*', '/scim*', '/metrics', '/health/deep']

/** Source: W3C, "Permissions Policy", the registry of features. */
const UNUSED_FEATURES = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'publickey-credentials-get',
  'usb',
]

/** The longest silence between two packets that CloudFront allows without a raised quota; a ping comes after 10 s. */
const ORIGIN_READ_TIMEOUT = Duration.seconds(60)

/** A year, as browsers ask for; the distribution speaks nothing but TLS. */
const STRICT_TRANSPORT = { accessControlMaxAge: Duration.days(365), override: true }

/**
 * One address for portal, control plane and data plane, so that the portal needs no CORS. Its requests are not logged: what came to a
 * function is in that function's log with what was decided, and a log of addresses and paths would have to be guarded and deleted.
 */
export class GatewayDistribution extends Construct {
  readonly distribution: Distribution
  /** Without a slash at its end. */
  readonly url: string

  constructor(scope: Construct, id: string, props: GatewayDistributionProps) {
    super(scope, id)
    const responseHeadersPolicy = this.apiHeaders()
    const toFunction = (url: FunctionUrl, viewer: ViewerFunction): BehaviorOptions => ({
      origin: new FunctionUrlOrigin(url, {
        readTimeout: ORIGIN_READ_TIMEOUT,
        customHeaders: { 'x-origin-verify': props.originSecret.secretValue.unsafeUnwrap() },
      }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy,
      // CloudFront compresses only what it may cache, and an answer meant for one person must not come near a cache.
      compress: false,
      functionAssociations: [{ function: viewer, eventType: FunctionEventType.VIEWER_REQUEST }],
    })
    const toFunctionViewer = this.viewerFunction('ToFunction', 'to-function.js')
    const control = toFunction(props.control, toFunctionViewer)
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Claude Code Gateway',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: toFunction(props.messages, toFunctionViewer),
      additionalBehaviors: {
        '/portal*': this.portalBehaviour(props.portal),
        ...Object.fromEntries(CONTROL_PATHS.map((path) => [path, control])),
      },
      ...(props.domain && this.namedBy(props.domain)),
    })
    this.url = `https://${props.domain?.name ?? this.distribution.distributionDomainName}`
    if (props.domain?.hostedZone !== undefined) this.addRecords(props.domain.name, props.domain.hostedZone)
  }

  private namedBy({ name, certificateArn }: CustomDomain) {
    return {
      domainNames: [name],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      // CloudFront's own name has a policy of its own, which cannot be chosen.
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }
  }

  /** Over IPv4 and IPv6, as the distribution answers. */
  private addRecords(recordName: string, { id, name }: { readonly id: string; readonly name: string }): void {
    const zone = HostedZone.fromHostedZoneAttributes(this, 'HostedZone', { hostedZoneId: id, zoneName: name })
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.distribution))
    // The point at the end: the whole name, not one below the zone's.
    new ARecord(this, 'Ipv4', { zone, target, recordName: `${recordName}.` })
    new AaaaRecord(this, 'Ipv6', { zone, target, recordName: `${recordName}.` })
  }

  private portalBehaviour(bucket: IBucket): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
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
        strictTransportSecurity: STRICT_TRANSPORT,
      },
      customHeadersBehavior: {
        customHeaders: [
          // The portal copies a key to the clipboard; it has no use for anything else a browser could give it.
          {
            header: 'permissions-policy',
            value: `${UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', ')}, clipboard-write=(self)`,
            override: true,
          },
          { header: 'cross-origin-opener-policy', value: 'same-origin', override: true },
          { header: 'cross-origin-resource-policy', value: 'same-origin', override: true },
        ],
      },
    })
  }

  /** What a function says itself stands: these are added where it says nothing. */
  private apiHeaders(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'ApiHeaders', {
      securityHeadersBehavior: {
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: false },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: false },
        strictTransportSecurity: STRICT_TRANSPORT,
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
