/**
 * A fault by the name that AWS's SDKs know it by, told in `x-amzn-errortype`; status and body stay those of Anthropic's form, which Claude
 * Code reads in its Bedrock mode too. Source: Amazon Bedrock API reference, errors of InvokeModel.
 */
import type { Fault, FaultCode } from '../platform/fault.ts'

const NAMES: Readonly<Record<FaultCode, string>> = {
  unauthenticated: 'UnrecognizedClientException',
  suspended: 'AccessDeniedException',
  forbidden: 'AccessDeniedException',
  not_found: 'UnknownOperationException',
  method_not_allowed: 'UnknownOperationException',
  unsupported_media_type: 'ValidationException',
  invalid_request: 'ValidationException',
  conflict: 'ConflictException',
  model_refused: 'ValidationException',
  no_endpoint: 'ServiceUnavailableException',
  over_budget: 'ServiceQuotaExceededException',
  spend_limit_exceeded: 'ServiceQuotaExceededException',
  rate_limited: 'ThrottlingException',
  upstream_rejected: 'ValidationException',
  upstream_forbidden: 'AccessDeniedException',
  upstream_busy: 'ServiceUnavailableException',
  upstream_timeout: 'ModelTimeoutException',
  upstream_out_of_time: 'ModelTimeoutException',
  upstream_failed: 'InternalServerException',
  database_unavailable: 'ServiceUnavailableException',
  settings_unreadable: 'ServiceUnavailableException',
}

/** A throttle of Bedrock's keeps its name: an SDK slows down at it. */
export const bedrockErrorOf = ({ code, detail }: Fault): string =>
  code === 'upstream_busy' && detail.trouble === 'throttle' ? 'ThrottlingException' : NAMES[code]
