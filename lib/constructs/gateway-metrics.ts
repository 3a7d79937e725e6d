import type { Duration } from 'aws-cdk-lib'
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'

/**
 * The figures that the functions measure themselves (`lambdas/platform/metrics.ts`), as one gateway of the account has them.
 * `test/lib/constructs/alarms.test.ts` holds their names against what is measured.
 */
export class GatewayMetrics {
  private readonly gateway: string

  constructor(gateway: string) {
    this.gateway = gateway
  }

  sum(metricName: string, period: Duration, by: Record<string, string> = {}): Metric {
    return this.metric(metricName, period, 'Sum', by)
  }

  largest(metricName: string, period: Duration): Metric {
    return this.metric(metricName, period, 'Maximum')
  }

  smallest(metricName: string, period: Duration): Metric {
    return this.metric(metricName, period, 'Minimum')
  }

  /** @param percent Of the measurements that are below: 50 is the median. */
  percentile(metricName: string, period: Duration, percent: number, by: Record<string, string> = {}): Metric {
    return this.metric(metricName, period, `p${percent}`, by)
  }

  private metric(metricName: string, period: Duration, statistic: string, by: Record<string, string> = {}): Metric {
    return new Metric({
      namespace: 'ClaudeCodeGateway',
      metricName,
      dimensionsMap: { Gateway: this.gateway, ...by },
      statistic,
      period,
    })
  }
}

/** Percent of all answers. CloudFront writes it to us-east-1, wherever the stack is. */
export const distribution5xxRate = ({ distributionId }: Distribution, period: Duration): Metric =>
  new Metric({
    namespace: 'AWS/CloudFront',
    metricName: '5xxErrorRate',
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    statistic: 'Average',
    period,
  })
