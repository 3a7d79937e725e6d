import { Fn } from 'aws-cdk-lib'
import { CfnPermission, type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'

/**
 * A function URL that anybody may call and that streams. Who may do what is decided in the function, route by route: the
 * clients send bearers, which AWS's own signature would displace.
 * Since October 2025 a URL needs two grants; CDK adds the first. Source: AWS Lambda developer guide, "Control access to function URLs".
 */
export function addPublicUrl(fn: NodejsFunction): FunctionUrl {
  const url = fn.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.RESPONSE_STREAM })
  const grants = fn.permissionsNode.findAll().filter((node) => node instanceof CfnPermission)
  if (!grants.some((grant) => (grant as CfnPermission).action === 'lambda:InvokeFunction')) {
    new CfnPermission(fn, 'InvokedThroughUrl', {
      functionName: fn.functionArn,
      action: 'lambda:InvokeFunction',
      principal: '*',
      invokedViaFunctionUrl: true,
    })
  }
  return url
}

/** A function URL is known at deployment only, so its last slash is cut off by CloudFormation. */
export function withoutSlash({ url }: FunctionUrl): string {
  const part = (place: number): string => Fn.select(place, Fn.split('/', url))
  return `${part(0)}//${part(2)}`
}
