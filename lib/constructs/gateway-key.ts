import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'

type KeyOperation = 'Encrypt' | 'Decrypt'

/**
 * The key under which the functions seal what administrators entrust to the gateway and a table must not hold as it is. It goes with the
 * stack: what it sealed is entered anew then.
 */
export class GatewayKey extends Construct {
  readonly key: Key

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.key = new Key(this, 'Key', {
      description: 'Claude Code Gateway: seals secrets that administrators enter',
      alias: `alias/${Stack.of(this).stackName}-secrets`,
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }

  allowing(...operations: readonly KeyOperation[]): PolicyStatement {
    return new PolicyStatement({
      actions: operations.map((operation) => `kms:${operation}`),
      resources: [this.key.keyArn],
    })
  }
}
