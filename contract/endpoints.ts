/** Endpoints: the AWS accounts and regions in which Claude is called, what differs there, and whether they are well. */
import * as z from 'zod'
import { AdminError, ConflictError } from './errors.ts'
import { Id, Name, Timestamp } from './fields.ts'
import { route } from './route.ts'

const CONTROL_CHARACTER = /\p{Cc}/u

/** Free text of the portal: one or two sentences that say why. */
const Reason = z
  .string()
  .refine((text) => !CONTROL_CHARACTER.test(text), 'must not contain control characters')
  .trim()
  .max(500, 'must have at most 500 characters')

/** As AWS names regions: `us-east-1`, `us-gov-west-1`. Whether it lies within the scope is checked with the scope. */
const Region = z
  .string()
  .regex(/^[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]{4,10}-\d{1,2}$/, 'must be an AWS region, such as us-east-1')
  .meta({ description: 'Within the scope of routing_prefix.' })

const RoutingPrefix = z
  .enum(['global', 'us', 'eu', 'jp', 'apac', 'au', 'us-gov'])
  .meta({ description: 'Scope in which requests may be answered: first part of the ids of inference profiles.' })

/** Source: IAM API reference, CreateRole, `RoleName` and `Path`. */
const RoleArn = z
  .string()
  .regex(
    /^arn:aws(?:-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
    'must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/claude',
  )
  .meta({ description: 'Assumed for every call; null is the account of the gateway.' })

/** Source: STS API reference, AssumeRole, `ExternalId`. */
const ExternalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be 2 to 1,224 letters, digits or _+=,.@:/-')
  .meta({ description: 'Told when the role is assumed; only along with role_arn.' })

/** The lower, the earlier. The bound keeps what is typed readable; nobody has that many endpoints. */
const Priority = z.int().min(0).max(10_000)

const ProfileArn = z
  .string()
  .max(2048, 'must have at most 2,048 characters')
  .regex(/^arn:aws(?:-us-gov)?:bedrock:[^\s#]+$/, 'must start with arn:aws:bedrock:')

/** Source: Amazon Bedrock API reference, InvokeModel, `guardrailIdentifier` and `guardrailVersion`. */
const GuardrailId = z
  .string()
  .max(2048, 'must have at most 2,048 characters')
  .regex(
    /^(?:[a-z0-9]+|arn:aws(?:-us-gov)?:bedrock:[a-z0-9-]{1,20}:\d{12}:guardrail\/[a-z0-9]+)$/,
    'must be the id or the ARN of a guardrail',
  )
const GuardrailVersion = z
  .string()
  .regex(/^(?:[1-9]\d{0,7}|DRAFT)$/, 'must be a number from 1, or DRAFT')
  .meta({ description: 'Goes with guardrail_id: both or neither.' })

const ServiceTier = z.enum(['default', 'priority', 'flex', 'reserved'])
const Latency = z.enum(['standard', 'optimized'])

/** What Bedrock is told beside a request; null leaves it to Bedrock. */
const options = {
  guardrail_id: GuardrailId.nullish(),
  guardrail_version: GuardrailVersion.nullish(),
  service_tier: ServiceTier.nullish(),
  latency: Latency.nullish(),
}

export const BedrockOptions = z.object({
  guardrail_id: z.nullable(z.string()),
  guardrail_version: z.nullable(z.string()),
  service_tier: z.nullable(ServiceTier),
  latency: z.nullable(Latency),
})

/** Of a team: member by member it wins over what its endpoints say. */
export const BedrockOptionsWish = z.strictObject(options)

const Upstream = z
  .enum(['invoke', 'messages'])
  .meta({ description: '`invoke`: InvokeModel. `messages`: the Messages API of Bedrock itself.' })

const wishes = {
  name: Name,
  region: Region,
  routing_prefix: RoutingPrefix,
  role_arn: RoleArn.nullish(),
  external_id: ExternalId.nullish(),
  inference_profile_arn: ProfileArn.nullish().meta({
    deprecated: true,
    description: 'Becomes the override of the model it is for; use aip-overrides instead.',
  }),
  priority: Priority.optional(),
  enabled: z.boolean().optional(),
  upstream: Upstream.optional(),
  ...options,
}

const Rev = z
  .int()
  .min(0)
  .optional()
  .meta({ description: 'The revision that was seen: 409 when it is not the last one.' })

const NewEndpoint = z.strictObject(wishes)
const ReplacedEndpoint = z.strictObject({ ...wishes, rev: Rev })
const ChangedEndpoint = z.strictObject({
  ...wishes,
  name: wishes.name.optional(),
  region: wishes.region.optional(),
  routing_prefix: wishes.routing_prefix.optional(),
  rev: Rev,
})
const TriedEndpoint = z.strictObject({ ...wishes, name: wishes.name.optional() })

const Health = z
  .enum(['unknown', 'healthy', 'unhealthy', 'not_loaded'])
  .meta({ description: '`unknown` until it was first looked at. `not_loaded` is of the reference and never said.' })

/** Also a row of a team's list, which says more. */
export const Endpoint = z.object({
  id: Id,
  name: z.string(),
  role_arn: z.nullable(z.string()),
  external_id: z.nullable(z.string()),
  inference_profile_arn: z.nullable(z.string()).meta({
    deprecated: true,
    description: 'The ARN of its one override; null where there are several.',
  }),
  region: z.string(),
  routing_prefix: RoutingPrefix,
  priority: z.int(),
  is_default: z.boolean().meta({ description: 'Serves the teams that have no endpoints of their own.' }),
  enabled: z.boolean(),
  created_at: Timestamp,
  upstream: Upstream,
  ...BedrockOptions.shape,
  rev: z.int(),
  health: Health,
  health_reason: z.nullable(z.string()).meta({ description: 'Why it is not healthy, and what would help.' }),
  last_health_check: z.nullable(Timestamp),
  health_history: z
    .array(z.object({ at: Timestamp, state: z.enum(['unknown', 'healthy', 'unhealthy']) }))
    .meta({ description: 'The latest changes, oldest first.' }),
  teams: z.array(z.object({ id: Id, name: z.string() })).meta({ description: 'Teams whose list it is in, by name.' }),
})

const AipOverride = z.object({
  endpoint_id: Id,
  model_id: z.string().meta({ description: "Anthropic's name of the model, without a date." }),
  aip_arn: z.string(),
  set_at: Timestamp,
  set_by: z.string(),
  reason: z.nullable(z.string()),
})

const EndpointDetails = Endpoint.extend({ aip_overrides: z.array(AipOverride) })

const ById = z.object({ id: Id })
const Updated = z.object({ updated: z.literal(true) })
const Deleted = z.object({ deleted: z.literal(true) })

export const listEndpoints = route({
  method: 'GET',
  path: '/admin/endpoints',
  access: 'admin',
  summary: 'List endpoints by priority, then name.',
  responses: {
    200: z.object({
      endpoints: z.array(Endpoint),
      gateway: z
        .object({
          account_id: z.string(),
          role_names: z
            .string()
            .meta({ description: 'The gateway may assume roles of this name alone; `*` stands for any rest of it.' }),
          region: z.string(),
          routing_prefix: RoutingPrefix,
        })
        .meta({ description: "The deployment's own: what the role of another account has to trust." }),
    }),
  },
})

export const createEndpoint = route({
  method: 'POST',
  path: '/admin/endpoints',
  access: 'admin',
  summary: 'Create an endpoint. Where there is no default yet, it becomes the default.',
  body: NewEndpoint,
  responses: { 201: EndpointDetails },
})

export const readEndpoint = route({
  method: 'GET',
  path: '/admin/endpoints/{id}',
  access: 'admin',
  summary: 'An endpoint with its overrides.',
  params: ById,
  responses: { 200: EndpointDetails, 404: AdminError },
})

export const replaceEndpoint = route({
  method: 'PUT',
  path: '/admin/endpoints/{id}',
  access: 'admin',
  summary: 'Change an endpoint. What is absent stays as it is; null takes it away.',
  params: ById,
  body: ReplacedEndpoint,
  responses: { 200: Updated, 404: AdminError, 409: AdminError },
})

export const changeEndpoint = route({
  method: 'PATCH',
  path: '/admin/endpoints/{id}',
  access: 'admin',
  summary: 'Change what is named, and nothing else.',
  params: ById,
  body: ChangedEndpoint,
  responses: { 200: EndpointDetails, 404: AdminError, 409: AdminError },
})

export const deleteEndpoint = route({
  method: 'DELETE',
  path: '/admin/endpoints/{id}',
  access: 'admin',
  summary: "Delete an endpoint, its overrides and its place in every team's list.",
  params: ById,
  responses: { 200: Deleted, 404: AdminError, 409: AdminError },
})

export const setDefaultEndpoint = route({
  method: 'PUT',
  path: '/admin/endpoints/{id}/default',
  access: 'admin',
  summary: 'Make it the endpoint of every team that has no list of its own.',
  params: ById,
  responses: { 200: Updated, 404: AdminError, 409: AdminError },
})

const Quota = z.object({
  quota_name: z.string(),
  quota_code: z.string(),
  value: z.number(),
  unit: z.string(),
  adjustable: z.boolean(),
})

/** AWS's refusal is an answer here, as the portal shows it in place of the numbers. */
const Quotas = z.union([
  z.object({ service: z.literal('bedrock'), quotas: z.array(Quota) }),
  z.object({
    type: z.literal('error'),
    error: z.object({
      type: z.literal('quota_access'),
      message: z.string().meta({ description: 'What to do about it.' }),
      detail: z.string().meta({ description: "AWS's own words." }),
    }),
  }),
])

export const readEndpointQuotas = route({
  method: 'GET',
  path: '/admin/endpoints/{id}/quotas',
  access: 'admin',
  summary: 'Quotas for Claude in the account and region of the endpoint, at most five minutes old.',
  params: ById,
  responses: { 200: Quotas, 404: AdminError },
})

const ListedModel = z.object({
  name: z.string().meta({ description: "Bedrock's name of the inference profile." }),
  id: z.string().meta({ description: 'Id of the inference profile.' }),
  status: z.string(),
  type: z.string(),
  model: z.nullable(z.string()).meta({ description: "Anthropic's name; null for what is not Claude." }),
})

export const readEndpointModels = route({
  method: 'GET',
  path: '/admin/endpoints/{id}/models',
  access: 'admin',
  summary: 'Ask Bedrock which inference profiles of its scope the endpoint may call.',
  params: ById,
  responses: {
    200: z.object({
      endpoint_id: Id,
      endpoint_name: z.string(),
      models: z.array(ListedModel),
      model_count: z.int(),
    }),
    404: AdminError,
    502: AdminError,
  },
})

const Test = z.object({
  ok: z.boolean().meta({ description: 'Requests can be served by it: every check that is required has passed.' }),
  checks: z.array(
    z.object({
      check: z.enum(['credentials', 'profiles', 'models', 'quotas']),
      required: z.boolean(),
      status: z.enum(['passed', 'failed', 'skipped']).meta({ description: '`skipped`: one before it has failed.' }),
      permission: z.nullable(z.string()).meta({ description: 'The IAM action that it needs.' }),
      message: z.string().meta({ description: 'What was found; where it failed, what to do.' }),
      detail: z.nullable(z.string()).meta({ description: "AWS's own words, where it refused." }),
    }),
  ),
  models: z.array(ListedModel),
  model_count: z.int(),
})

export const testNewEndpoint = route({
  method: 'POST',
  path: '/admin/endpoints/test',
  access: 'admin',
  summary: 'Try what an endpoint of this form could do, without saving it.',
  body: TriedEndpoint,
  responses: { 200: Test },
})

export const testEndpoint = route({
  method: 'POST',
  path: '/admin/endpoints/{id}/test',
  access: 'admin',
  summary: 'Try what an endpoint can do, and remember the models it offers.',
  params: ById,
  responses: { 200: Test, 404: AdminError },
})

/** Longer than any name of a model, an ARN among them. */
const ModelId = z.string({ error: 'is required' }).trim().min(1, 'is required').max(2048)

export const listAipOverrides = route({
  method: 'GET',
  path: '/admin/endpoints/{id}/aip-overrides',
  access: 'admin',
  summary: 'The application inference profiles by which models are called there, by model.',
  params: ById,
  responses: { 200: z.object({ overrides: z.array(AipOverride) }), 404: AdminError },
})

export const createAipOverride = route({
  method: 'POST',
  path: '/admin/endpoints/{id}/aip-overrides',
  access: 'admin',
  summary: 'Call a model by an application inference profile there. Dated and undated names are one model.',
  params: ById,
  body: z.strictObject({ model_id: ModelId, aip_arn: ProfileArn, reason: Reason.nullish() }),
  responses: { 201: AipOverride, 404: AdminError, 409: ConflictError },
})

export const deleteAipOverride = route({
  method: 'DELETE',
  path: '/admin/endpoints/{id}/aip-overrides/{model_id}',
  access: 'admin',
  summary: 'Call the model by its cross-region profile again.',
  params: ById.extend({ model_id: ModelId }),
  responses: { 200: Deleted, 404: AdminError },
})

/** No `#`: it divides the parts of a key of the table. */
const ProfileId = z
  .string()
  .regex(/^[\w.:/-]{1,2048}$/, 'must be the id or ARN of an inference profile')
  .meta({ description: 'As Bedrock is called with; in a path, slashes are written %2F.' })
const BetaName = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be the name of a beta flag')

const BetaOverride = z.object({
  endpoint_id: Id,
  profile_id: z.string(),
  beta_name: z.string(),
  supported: z.boolean(),
  set_at: Timestamp,
  set_by: z.string(),
  reason: z.nullable(z.string()),
})

export const listBetaOverrides = route({
  method: 'GET',
  path: '/admin/beta-overrides',
  access: 'admin',
  summary: 'What administrators have said about beta flags; it wins over what was learned.',
  responses: { 200: z.object({ overrides: z.array(BetaOverride) }) },
})

export const setBetaOverride = route({
  method: 'POST',
  path: '/admin/beta-overrides',
  access: 'admin',
  summary: 'Say whether a profile of an endpoint takes a beta flag; said again, the last word holds.',
  body: z.strictObject({
    endpoint_id: Id,
    profile_id: ProfileId,
    beta_name: BetaName,
    supported: z.boolean(),
    reason: Reason.nullish(),
  }),
  responses: { 200: BetaOverride, 404: AdminError },
})

export const deleteBetaOverride = route({
  method: 'DELETE',
  path: '/admin/beta-overrides/{endpoint_id}/{profile_id}/{beta_name}',
  access: 'admin',
  summary: 'Leave the beta flag to what is learned again.',
  params: z.object({ endpoint_id: Id, profile_id: ProfileId, beta_name: BetaName }),
  responses: { 200: Deleted, 404: AdminError },
})

export const validateBedrock = route({
  method: 'POST',
  path: '/admin/bedrock/validate',
  access: 'admin',
  summary: "Ask Bedrock for its inference profiles in the gateway's own account and region.",
  responses: {
    200: z.union([
      z.object({
        status: z.literal('connected'),
        region: z.string().meta({ description: 'The routing prefix, as the reference has it.' }),
        inference_profiles: z.array(z.string()),
        profile_count: z.int(),
      }),
      z.object({ status: z.literal('error'), error: z.string() }),
    ]),
  },
})

export const readBedrockQuotas = route({
  method: 'GET',
  path: '/admin/bedrock/quotas',
  access: 'admin',
  summary: "Quotas for Claude in the gateway's own account and region, at most five minutes old.",
  responses: { 200: Quotas },
})

const ModelsOfEndpoint = z.object({ endpoint_id: Id, endpoint_name: z.string(), region: z.string() })

export const readBedrockModels = route({
  method: 'GET',
  path: '/admin/bedrock/models',
  access: 'admin',
  summary: 'Ask Bedrock for the inference profiles of every endpoint that is enabled and not known to be unhealthy.',
  responses: {
    200: z.object({
      endpoints: z.array(
        z.union([
          ModelsOfEndpoint.extend({ model_count: z.int(), models: z.array(ListedModel) }),
          ModelsOfEndpoint.extend({ error: z.string() }),
        ]),
      ),
    }),
  },
})

const Count = z.int().nonnegative()

export const healthStatus = route({
  method: 'GET',
  path: '/admin/health/status',
  access: 'admin',
  summary: 'How the gateway and each endpoint are; figures are at most half a minute old.',
  responses: {
    200: z.object({
      gateway: z.object({
        status: z.literal('ok'),
        version: z.string(),
        uptime_seconds: z.null().meta({ description: 'Functions come and go; there is no one process to ask.' }),
      }),
      database: z.object({
        status: z.literal('ok').meta({ description: 'Without a database this answer is a 503.' }),
        pool_size: z.null(),
        pool_idle: z.null(),
      }),
      bedrock: z.object({ status: z.enum(['ok', 'unhealthy', 'unknown']), last_check: z.nullable(Timestamp) }),
      endpoints: z.array(
        z.object({
          id: Id,
          name: z.string(),
          region: z.string(),
          role_arn: z.nullable(z.string()),
          routing_prefix: RoutingPrefix,
          health: Health,
          health_reason: z.nullable(z.string()),
          last_health_check: z.nullable(Timestamp),
          is_default: z.boolean(),
          enabled: z.boolean(),
          stats: z.object({
            throttle_count_1h: Count.meta({ description: 'In the last 60 minutes.' }),
            error_count_1h: Count.meta({ description: 'In the last 60 minutes; throttles are among them.' }),
            denied_count_1h: Count.meta({
              description: 'In the last 60 minutes: Bedrock refused the role or account.',
            }),
            request_count: Count.meta({ description: 'In this hour and the one before, UTC.' }),
          }),
          quotas: z.array(z.never()).meta({ description: 'Always empty; ask /quotas of the endpoint.' }),
        }),
      ),
      in_flight_requests: z.null().meta({ description: 'No one process knows them.' }),
      timestamp: Timestamp,
    }),
  },
})

/** `thinking.type`, `tools.*.defer_loading`. */
const MemberPath = z
  .string()
  .regex(/^[A-Za-z0-9_*]{1,60}(?:\.[A-Za-z0-9_*]{1,60}){0,7}$/, 'must be the path of a member')
const UndatedModel = z.string().regex(/^claude-[a-z0-9-]{1,60}$/, "must be Anthropic's name of a model, without a date")
const Plain = z.union([z.string().max(200), z.number(), z.boolean(), z.null()])

/** Bounds keep the rules, which every request goes through, in the size they were thought for. */
const TranslationRules = z.strictObject({
  accepted_betas: z
    .array(BetaName)
    .max(200)
    .meta({ description: 'Flags that InvokeModel takes; others are left out.' }),
  refused_betas: z.array(BetaName).max(200).meta({ description: 'Flags that are never sent to Bedrock.' }),
  renamed_betas: z
    .record(BetaName, BetaName)
    .meta({ description: "Anthropic's name of a flag → Bedrock's name of it." }),
  members_of_beta: z
    .record(BetaName, z.array(MemberPath).max(20))
    .meta({ description: 'Flag → members of the body that are of no use without it.' }),
  models: z
    .array(
      z.strictObject({
        models: z.array(UndatedModel).min(1).max(100),
        path: MemberPath,
        values: z.array(Plain).min(1).max(20).optional().meta({ description: 'Absent: whatever stands there.' }),
        replace_by: Plain.optional().meta({ description: 'Absent: the member is taken out.' }),
        max: z.number().optional().meta({ description: 'A number above it is brought down to it.' }),
        without: z.array(MemberPath).max(20).optional().meta({ description: 'Taken out along with it.' }),
      }),
    )
    .max(100),
})

const EffectiveRules = z.object({
  rules: TranslationRules,
  built_in: z.boolean().meta({ description: 'Nobody has set any: these come with the gateway.' }),
  set_at: z.nullable(Timestamp),
  set_by: z.nullable(z.string()),
  rev: z.int().meta({ description: '0 while they are the built-in ones.' }),
})

export const readTranslationRules = route({
  method: 'GET',
  path: '/admin/bedrock/rules',
  access: 'admin',
  summary: 'What is changed in requests before Bedrock gets them.',
  responses: { 200: EffectiveRules },
})

export const setTranslationRules = route({
  method: 'PUT',
  path: '/admin/bedrock/rules',
  access: 'admin',
  summary: 'Set the rules, all of them, in place of what there is.',
  body: z.strictObject({
    rules: TranslationRules,
    rev: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'The revision that was seen: 409 when it is not the last one.' }),
  }),
  responses: { 200: EffectiveRules, 409: AdminError },
})

export const resetTranslationRules = route({
  method: 'DELETE',
  path: '/admin/bedrock/rules',
  access: 'admin',
  summary: 'Go back to the built-in rules.',
  responses: { 200: EffectiveRules },
})

export const endpointRoutes = [
  listEndpoints,
  createEndpoint,
  testNewEndpoint,
  readEndpoint,
  replaceEndpoint,
  changeEndpoint,
  deleteEndpoint,
  setDefaultEndpoint,
  readEndpointQuotas,
  readEndpointModels,
  testEndpoint,
  listAipOverrides,
  createAipOverride,
  deleteAipOverride,
  listBetaOverrides,
  setBetaOverride,
  deleteBetaOverride,
  validateBedrock,
  readBedrockQuotas,
  readBedrockModels,
  healthStatus,
  readTranslationRules,
  setTranslationRules,
  resetTranslationRules,
] as const
