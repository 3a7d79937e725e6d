/** How functions are bundled, for esbuild as CDK calls it and for what is split off. */

/** An ESM bundle has no `require`, and some of the SDK's CommonJS parts ask for one. */
export const REQUIRE_BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** Parts of the SDK that a function has no use for, and what stands for them; paths within the project. */
export const ALIASES: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': 'lambdas/platform/lambda-credentials.host.ts',
  '@aws-sdk/endpoint-cache': 'lambdas/platform/lambda-endpoint-cache.host.ts',
  '@aws-sdk/token-providers': 'lambdas/platform/lambda-tokens.host.ts',
}

/** Modules that few requests need: files of their own beside the bundle, loaded when they are. Names of files are names of modules. */
export const SPLIT: Readonly<Record<string, string>> = {
  'open-web': 'lambdas/functions/messages/open-web.ts',
  parsing: 'lambdas/web/parsing.ts',
}

export const EXTERNAL = Object.keys(SPLIT).map((name) => `*/${name}.ts`)
