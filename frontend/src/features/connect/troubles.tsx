import { Card } from '../../ui/card.tsx'
import { Command } from '../../ui/command.tsx'
import { Details } from '../../ui/details.tsx'
import { promptOf } from './commands.ts'
import type { System } from './connect-search.ts'

/** A shell variable wins over every settings file. */
const find = (system: System): string =>
  system === 'powershell'
    ? 'Get-ChildItem Env: | Where-Object Name -Match "ANTHROPIC|CLAUDE_CODE"'
    : "env | grep -E 'ANTHROPIC|CLAUDE_CODE'"

const certificate = (system: System): string =>
  system === 'powershell'
    ? "$env:NODE_EXTRA_CA_CERTS = 'C:\\path\\to\\company-root.pem'"
    : 'export NODE_EXTRA_CA_CERTS=/path/to/company-root.pem'

export function Troubles({ system }: { readonly system: System }) {
  const prompt = promptOf(system)
  return (
    <Card title="If something is in the way" flush>
      <Details title="Requests still go straight to Bedrock" hint="A shell variable wins over the settings">
        <p>
          Look for variables that your shell sets by itself. Remove <code>CLAUDE_CODE_USE_BEDROCK</code>,{' '}
          <code>ANTHROPIC_API_KEY</code> and other values of <code>ANTHROPIC_BASE_URL</code> from your shell’s profile,
          then open a new terminal.
        </p>
        <Command text={find(system)} prompt={prompt} label="Find variables" />
      </Details>
      <Details title="Certificate error" hint="A company proxy signs with its own root certificate">
        <p>Ask for the root certificate as a PEM file, and name it to Claude Code:</p>
        <Command text={certificate(system)} prompt={prompt} label="Trust a certificate" />
      </Details>
      <Details title="It works in WSL but not in Windows" hint="They are two machines with two homes">
        <p>
          WSL has its own home folder and so its own settings. Run the command once in each place where you use Claude
          Code: it is made for the one that is chosen above.
        </p>
      </Details>
      <Details title="401 after a while" hint="The key was revoked, or another one is in the way">
        <p>
          Claude Code shows the gateway’s own sentence. Look the key up under Virtual keys by its first characters; if
          it is revoked, make a new command above and run it: it takes the old key’s place.
        </p>
      </Details>
    </Card>
  )
}
