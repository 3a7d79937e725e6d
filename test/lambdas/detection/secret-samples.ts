/** For each rule what it must find. Put together here, so that no scanner of repositories takes them for real ones. */
const A = 'A1b2C3d4E5f6G7h8I9j0'

export const SECRETS: Readonly<Record<string, readonly string[]>> = {
  aws_key: [`AKIA${'IOSFODNN7EXAMPLE'}`, `ASIA${'IOSFODNN7EXAMPLE'}`],
  bedrock_key: [`ABSK${A}${A}${A}`, `bedrock-api-key-${A}`],
  gateway_key: [`sk-proxy-${'0123456789abcdef'.repeat(4)}`],
  private_key: ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '].map((kind) => `-----BEGIN ${kind}PRIVATE KEY-----`),
  github_token: [...['p', 'o', 'u', 's', 'r'].map((kind) => `gh${kind}_${A}${A}`), `github_pat_${A}${A}`],
  gitlab_token: [`glpat-${A}`],
  slack_token: [`xoxb-${'1234567890'}-${A}`, `xoxp-${A}`, `xapp-1-${A}`, `https://hooks.slack.com/services/T${A}/B1/x`],
  anthropic_key: [`sk-ant-api03-${A}`],
  openai_key: [`sk-proj-${A}${A}`, `sk-svcacct-${A}`, `sk-${A}${A}12345678`],
  stripe_key: [`sk_live_${A}`, `rk_live_${A}`],
  google_key: [`AIza${A}${'x'.repeat(15)}`, `GOCSPX-${A}12345678`, `ya29.${A}`],
  npm_token: [`npm_${A}${A}`],
  huggingface_token: [`hf_${A}${A}`],
  generic_secret: [
    `password = "${A}"`,
    `API_KEY: '${A}'`,
    `{"client_secret": "${A}"}`,
    `{\\"token\\":\\"${A}\\"}`,
    `access_token="${A}"`,
  ],
  connection_string: [
    'postgres',
    'postgresql',
    'postgresql+psycopg2',
    'mysql',
    'mongodb',
    'mongodb+srv',
    'redis',
    'rediss',
    'amqp',
  ].map((scheme) => `${scheme}://me:hunter2@db.example.com/x`),
}
