import { useQueryClient } from '@tanstack/react-query'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** The session is over; the page behind, its filters and what was written in it stay as they are. */
export function SignInAgain({ onDone }: { readonly onDone: () => void }) {
  const queries = useQueryClient()
  return (
    <Dialog
      title="Sign in again"
      description="Your session has ended. You stay on this page."
      held
      onClose={() => {}}
      foot={
        <Button kind="ghost" onPress={() => location.assign('/portal/sign-in')}>
          Go to the sign-in page
        </Button>
      }
    >
      <SignInForm
        onDone={() => {
          onDone()
          void queries.invalidateQueries()
        }}
      />
    </Dialog>
  )
}
