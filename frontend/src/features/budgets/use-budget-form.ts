import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { budgetPreviewQuery, readBudgetsAnew } from '../../api/budget-queries.ts'
import type { BudgetPreview } from '../../api/budget-types.ts'
import { ApiError, call } from '../../api/client.ts'
import { useToast } from '../../ui/toasts.tsx'
import {
  type BudgetDraft,
  defaultBody,
  draftOfDefault,
  draftOfTeam,
  errorsIn,
  hasErrors,
  isSame,
  type Scope,
  teamBody,
  trialOf,
} from './budget-draft.ts'

/** A budget as it lies there, and which one it is. */
export interface Seen {
  readonly draft: BudgetDraft
  readonly rev: number
}

/** A number is typed to its end before anybody is asked. */
const PAUSE_MS = 300

export function useBudgetForm(scope: Scope, seen: Seen) {
  const [base, setBase] = useState(seen)
  const [draft, setDraft] = useState(seen.draft)
  const [isJudged, setJudged] = useState(false)
  const [complaints, setComplaints] = useState(0)
  const errors = errorsIn(draft)
  const saving = useSaving(scope, draft, base, (rev) => {
    setBase({ draft, rev })
    setJudged(false)
  })
  const preview = useQuery({
    ...budgetPreviewQuery(usePaused(trialOf(draft, scope))),
    enabled: !hasErrors(errors),
  })
  return {
    ...saving,
    draft,
    errors: isJudged ? errors : {},
    isValid: !hasErrors(errors),
    isDirty: !isSame(base.draft, draft),
    base: base.draft,
    /** Grows each time something is found wrong. */
    complaints,
    preview,
    set(change: (before: BudgetDraft) => BudgetDraft): void {
      setDraft(change)
      saving.forget()
    },
    judge: (): void => setJudged(true),
    discard(): void {
      setDraft(base.draft)
      setJudged(false)
      saving.forget()
    },
    submit(): void {
      setJudged(true)
      if (hasErrors(errors)) setComplaints((before) => before + 1)
      else saving.review.mutate()
    },
    /** @param keepMine What is typed stays, and may now be saved over theirs. */
    settle(keepMine: boolean): void {
      const theirs = saving.settled()
      if (theirs === undefined) return
      setBase(theirs)
      if (!keepMine) setDraft(theirs.draft)
    },
  }
}

/** What is asked before it is saved, saving it, and what to do where somebody else was quicker. */
function useSaving(scope: Scope, draft: BudgetDraft, base: Seen, onSaved: (rev: number) => void) {
  const queries = useQueryClient()
  const tell = useToast()
  const [theirs, setTheirs] = useState<Seen>()
  const [asking, setAsking] = useState<BudgetPreview>()
  const save = useMutation({
    mutationFn: () => put(scope, draft, base.rev),
    onSuccess: async ({ rev }) => {
      tell('ok', `${nameOf(scope)} is saved`, 'It holds from the next request on.')
      onSaved(rev)
      await readBudgetsAnew(queries)
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.status !== 409) return
      const found = await readNow(scope).catch(() => undefined)
      if (found !== undefined && found.rev !== base.rev) setTheirs(found)
    },
    onSettled: () => setAsking(undefined),
  })
  // Asked once more, so that what is confirmed is what is so at this moment.
  const review = useMutation({
    mutationFn: () => call('POST /admin/budget/preview', { body: trialOf(draft, scope) }),
    onSuccess: (preview) => (strikes(preview) ? setAsking(preview) : save.mutate()),
  })
  return {
    save,
    review,
    theirs,
    asking,
    confirm: (): void => save.mutate(),
    cancel: (): void => setAsking(undefined),
    /** What was refused is not what stands there now. */
    forget(): void {
      if (save.error !== null && theirs === undefined) save.reset()
      if (review.error !== null) review.reset()
    },
    settled(): Seen | undefined {
      setTheirs(undefined)
      save.reset()
      void readBudgetsAnew(queries)
      return theirs
    },
  }
}

export type BudgetForm = ReturnType<typeof useBudgetForm>

/** Somebody would be stopped at once, or would have no limit any more. */
const strikes = ({ blocked, unlimited }: BudgetPreview): boolean => blocked.new_count > 0 || unlimited.new_count > 0

export const nameOf = (scope: Scope): string =>
  scope.kind === 'team' ? `The budget of ${scope.team.team_name}` : 'The default budget'

const put = (scope: Scope, draft: BudgetDraft, rev: number): Promise<{ readonly rev: number }> =>
  scope.kind === 'team'
    ? call('PUT /admin/teams/{id}/budget', { params: { id: scope.team.team_id }, body: teamBody(draft, rev) })
    : call('PUT /admin/settings/default-budget', { body: defaultBody(draft, rev) })

async function readNow(scope: Scope): Promise<Seen | undefined> {
  if (scope.kind === 'default') {
    const budget = await call('GET /admin/settings/default-budget')
    return { draft: draftOfDefault(budget), rev: budget.rev }
  }
  const { teams } = await call('GET /admin/analytics/overview')
  const team = teams.find(({ team_id }) => team_id === scope.team.team_id)
  return team && { draft: draftOfTeam(team), rev: team.budget_rev }
}

/** A value as it was when it last stood still. */
function usePaused<T>(value: T): T {
  const [paused, setPaused] = useState(value)
  const text = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(JSON.parse(text) as T), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return paused
}
