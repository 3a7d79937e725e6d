/**
 * Who may know whom. Every rule says why; `test/rules/import-rules.test.ts` holds the tree to them and tries each one
 * against a deliberate violation.
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** A module: one concept, flat, except for its own `parts/`. */
const MODULE = '^lambdas/(?!functions/)[^/]+/(?:parts/)?'
/** Core: no suffix before `.ts`. The suffixes: .flow .store .client .routes .host */
const CORE = `${MODULE}[^/.]+[.]ts$`
const FLOW = `${MODULE}[^/.]+[.]flow[.]ts$`
const ZOD = '^node_modules/zod/'
const CONTRACT = '^contract/'
/** Packages that think as core does: bytes in, values out. */
const THINKING =
  '^node_modules/(?:csv-parse|image-size|ipaddr[.]js|linkedom|@mozilla/readability|@smithy/eventstream-codec)/'
/** Any import that is still there when types are erased. */
const REAL = { dependencyTypesNot: ['type-only'] }
/** Where a deployed function is put together: the only files that know the tools by name. */
const WIRING = '^lambdas/functions/[^/]+/(?:handler|services|app)[.]ts$'
/** What carries bytes out of the process. */
const NETWORK =
  '^(?:node:)?(?:http|https|http2|net|tls|dgram|dns)$|^node_modules/(?:@aws-sdk/client-(?!dynamodb)|@smithy/(?!eventstream-codec/))'

const forbidden = [
  {
    name: 'every-import-is-found',
    comment: 'What is not resolved is not checked, so nothing may be unresolved.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-circles',
    comment: 'Two files that need each other are one file, or three.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'core-is-pure',
    comment:
      'A file without a suffix is core: values in, values out. It may import other core, the contract, zod, packages that only think, node:crypto and the web streams.',
    from: { path: CORE },
    to: { ...REAL, pathNot: [CORE, CONTRACT, ZOD, THINKING, '^(?:node:)?(?:crypto|stream/web)$'] },
  },
  {
    name: 'flows-are-handed-their-tools',
    comment:
      'A flow imports thinking and the types of its tools. The tools themselves are handed in, so a test can hand in others.',
    from: { path: FLOW },
    to: { ...REAL, pathNot: [CORE, FLOW, CONTRACT, ZOD, '^(?:node:)?(?:crypto|stream/web)$'] },
  },
  {
    name: 'routes-are-handed-their-tools',
    comment: 'A route turns HTTP into a call. Whom it calls is handed in; it may import flows and core.',
    from: { path: `${MODULE}[^/.]+[.]routes[.]ts$` },
    to: { ...REAL, path: '[.](?:store|client|host)[.]ts$' },
  },
  {
    name: 'tools-do-not-call-up',
    comment: 'A store, a client or a host is called by a flow or a route, never the other way round.',
    from: { path: '^lambdas/.*[.](?:store|client|host)[.]ts$' },
    to: { ...REAL, path: '[.](?:flow|routes)[.]ts$' },
  },
  {
    name: 'only-stores-touch-dynamo',
    comment: 'DynamoDB is spoken in *.store.ts, and opened where a function is wired; nowhere else.',
    from: { path: '^lambdas/', pathNot: ['[.]store[.]ts$', WIRING] },
    to: { ...REAL, path: '^node_modules/@aws-sdk/(?:client-dynamodb|lib-dynamodb)' },
  },
  {
    name: 'only-clients-touch-the-network',
    comment:
      'Every network but DynamoDB is spoken in *.client.ts. A host may serve, a function may open what it hands in.',
    from: { path: '^lambdas/', pathNot: ['[.](?:client|host)[.]ts$', WIRING] },
    to: { ...REAL, path: NETWORK },
  },
  {
    name: 'only-identity-verifies-tokens',
    comment: 'Signatures of tokens are made and checked in one module; everybody else is told who is calling.',
    from: { path: '^lambdas/', pathNot: ['^lambdas/identity/[^/]+[.](?:client|host)[.]ts$'] },
    to: { ...REAL, path: '^node_modules/jose/' },
  },
  {
    name: 'only-routes-know-http',
    comment: 'Hono stops at *.routes.ts and the app: a rule must not know that it is being asked over HTTP.',
    from: { path: '^lambdas/', pathNot: ['[.]routes[.]ts$', '^lambdas/functions/'] },
    to: { ...REAL, path: '^node_modules/(?:hono|@hono)/' },
  },
  {
    name: 'hosts-know-no-concept',
    comment: 'A host is clock, chance, stdout, environment or runtime. It knows its own module and the floor.',
    from: { path: '^lambdas/([^/]+)/[^/.]+[.]host[.]ts$' },
    to: { path: '^lambdas/', pathNot: ['^lambdas/$1/', '^lambdas/platform/'] },
  },
  {
    name: 'parts-are-private',
    comment: "What lies in a module's parts/ belongs to that module. If a second one wants it, it becomes a module.",
    from: { path: '^lambdas/([^/]+)/' },
    to: { path: '^lambdas/[^/]+/parts/', pathNot: '^lambdas/$1/parts/' },
  },
  {
    name: 'nobody-imports-a-function',
    comment:
      'lambdas/functions is the front door of each deployed function: things are wired there, never used from there. local/, bench/ and test/ may open an app.',
    from: { pathNot: ['^lambdas/functions/', '^(?:local|test|bench)/'] },
    to: { ...REAL, path: '^lambdas/functions/' },
  },
  {
    name: 'functions-do-not-meet',
    comment: 'Two deployed functions share modules, not wiring.',
    from: { path: '^lambdas/functions/([^/]+)/' },
    to: { path: '^lambdas/functions/([^/]+)/', pathNot: '^lambdas/functions/$1/' },
  },
  {
    name: 'platform-is-the-floor',
    comment: 'platform/ holds what every module stands on; it knows of none.',
    from: { path: '^lambdas/platform/' },
    to: { path: '^lambdas/(?!platform/)' },
  },
  {
    name: 'contract-knows-nobody',
    comment: 'The treaty between API and portal imports zod and itself.',
    from: { path: CONTRACT },
    to: { pathNot: [CONTRACT, ZOD] },
  },
  {
    name: 'portal-sees-only-the-contract',
    comment: 'The browser must not be able to bundle server code.',
    from: { path: '^frontend/' },
    to: { path: '^(?:lambdas|lib|bin|local|bench)/' },
  },
  {
    name: 'portal-takes-types-of-the-contract',
    comment:
      'A schema in the browser brings zod along, eight times the size of all our pages. What is typed into a budget is checked there by the very schemas of the server; they are made of the small half of zod for it.',
    from: { path: '^frontend/src/' },
    to: { ...REAL, path: CONTRACT, pathNot: '^contract/budgets[.]ts$' },
  },
  {
    name: 'features-do-not-meet',
    comment: 'Compose features in the routes; a feature that needs another belongs with it.',
    from: { path: '^frontend/src/features/([^/]+)/' },
    to: { path: '^frontend/src/features/([^/]+)/', pathNot: '^frontend/src/features/$1/' },
  },
  {
    name: 'ui-is-a-kit',
    comment: 'ui/ is a box of parts without a subject.',
    from: { path: '^frontend/src/ui/' },
    to: { path: '^(?:frontend/src/(?!ui/)|contract/)' },
  },
  {
    name: 'infrastructure-reads-only-environments',
    comment:
      'Infrastructure and running code share one thing: the type of the environment that a function asks for. The app has the portal made before it uploads it.',
    from: { path: '^(?:lib/|bin/gateway[.]ts$)' },
    to: { path: '^(?:lambdas|frontend|local)/', pathNot: '^lambdas/functions/[^/]+/env[.]ts$|^frontend/build[.]ts$' },
  },
  {
    name: 'infrastructure-runs-no-lambda-code',
    comment:
      'Of an environment it reads the type only: the schema itself would bring zod and its module into the synthesis.',
    from: { path: '^(?:lib/|bin/gateway[.]ts$)' },
    to: { ...REAL, path: '^lambdas/' },
  },
  {
    name: 'no-cdk-at-run-time',
    comment:
      'aws-cdk-lib in a bundle is thirty megabytes of mistake; and local/ reads the synthesized template, not the code that made it.',
    from: { path: '^(?:lambdas|contract|frontend|local)/' },
    to: { ...REAL, path: '^node_modules/(?:aws-cdk-lib|constructs)/|^lib/' },
  },
  {
    name: 'no-rehearsal-on-stage',
    comment: 'What is deployed never imports what stands in for AWS on one machine, nor tests.',
    from: { path: '^(?:lib|contract|lambdas|frontend)/|^bin/gateway[.]ts$' },
    to: { path: '^(?:local|test|bench)/' },
  },
  {
    name: 'nothing-runs-on-tests',
    comment: 'npm start must not need a file of the tests or the bench.',
    from: { path: '^(?:bin|local)/' },
    to: { path: '^(?:test|bench)/' },
  },
  {
    name: 'nothing-runs-on-development-packages',
    comment: 'npm start installs `dependencies` only. Types are erased, so theirs may come from anywhere.',
    from: { path: '^(?:bin|lib|contract|lambdas|local)/' },
    to: { ...REAL, dependencyTypes: ['npm-dev'] },
  },
]

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
