/** How everything that is not Claude Code on one's own machine is pointed here: the same two facts in different clothes. */

export interface Recipe {
  readonly id: string
  readonly title: string
  text(baseUrl: string): string
}

const MODEL = 'claude-sonnet-5-5'

/** The first is shown first. */
export type RecipeList = readonly [Recipe, ...Recipe[]]

export const CI_RECIPES: RecipeList = [
  {
    id: 'github',
    title: 'GitHub Actions',
    text: (baseUrl) => `- name: Ask Claude Code
  run: npx --yes @anthropic-ai/claude-code -p "Review the last commit"
  env:
    ANTHROPIC_BASE_URL: ${baseUrl}
    ANTHROPIC_AUTH_TOKEN: \${{ secrets.ANTHROPIC_AUTH_TOKEN }}`,
  },
  {
    id: 'gitlab',
    title: 'GitLab',
    text: (baseUrl) => `# ANTHROPIC_AUTH_TOKEN is a masked CI/CD variable of the project.
review:
  image: node:24
  variables:
    ANTHROPIC_BASE_URL: ${baseUrl}
  script:
    - npx --yes @anthropic-ai/claude-code -p "Review the last commit"`,
  },
  {
    id: 'shell',
    title: 'Shell',
    text: (baseUrl) => `export ANTHROPIC_BASE_URL=${baseUrl}
export ANTHROPIC_AUTH_TOKEN=…   # the key, from where you keep secrets
claude -p "Review the last commit"`,
  },
]

export const CONTAINER_RECIPES: RecipeList = [
  {
    id: 'docker',
    title: 'Docker',
    text: (baseUrl) => `docker run --rm -it \\
  -e ANTHROPIC_BASE_URL=${baseUrl} \\
  -e ANTHROPIC_AUTH_TOKEN \\
  your-image claude`,
  },
  {
    id: 'devcontainer',
    title: 'Dev container',
    text: (baseUrl) => `"remoteEnv": {
  "ANTHROPIC_BASE_URL": "${baseUrl}",
  "ANTHROPIC_AUTH_TOKEN": "\${localEnv:ANTHROPIC_AUTH_TOKEN}"
}`,
  },
]

export const CLIENT_RECIPES: RecipeList = [
  {
    id: 'python',
    title: 'Python',
    text: (baseUrl) => `import os
from anthropic import Anthropic

client = Anthropic(base_url="${baseUrl}", auth_token=os.environ["ANTHROPIC_AUTH_TOKEN"])
message = client.messages.create(
    model="${MODEL}",
    max_tokens=1000,
    messages=[{"role": "user", "content": "How are you?"}],
)`,
  },
  {
    id: 'typescript',
    title: 'TypeScript',
    text: (baseUrl) => `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({ baseURL: '${baseUrl}', authToken: process.env.ANTHROPIC_AUTH_TOKEN })
const message = await client.messages.create({
  model: '${MODEL}',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'How are you?' }],
})`,
  },
  {
    id: 'curl',
    title: 'curl',
    text: (baseUrl) => `curl ${baseUrl}/v1/messages \\
  -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d '{"model":"${MODEL}","max_tokens":1000,"messages":[{"role":"user","content":"How are you?"}]}'`,
  },
]
