import type { Endpoint, GatewayPlace } from '../../api/endpoint-types.ts'
import { Button } from '../../ui/button.tsx'
import { Command } from '../../ui/command.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { permissionPolicy, trustPolicy } from './policies.ts'

interface PoliciesProps {
  readonly gateway: GatewayPlace
  readonly of: Pick<Endpoint, 'role_arn' | 'external_id' | 'guardrail_id' | 'region'>
}

export function Policies({ gateway, of: endpoint }: PoliciesProps) {
  return (
    <>
      <p>Trust policy: who may assume the role.</p>
      <Command text={trustPolicy(gateway, endpoint.external_id)} label="Trust policy" />
      <p>Permission policy: what the role may do.</p>
      <Command text={permissionPolicy(endpoint)} label="Permission policy" />
    </>
  )
}

export function PoliciesDialog({ onClose, ...policies }: PoliciesProps & { readonly onClose: () => void }) {
  return (
    <Dialog
      title="Policies for the role"
      description="What the other account has to set up, with the values of this endpoint."
      size="wide"
      onClose={onClose}
      foot={<Button onPress={onClose}>Close</Button>}
    >
      <Policies {...policies} />
    </Dialog>
  )
}
