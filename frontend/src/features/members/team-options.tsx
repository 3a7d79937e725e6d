import type { Team } from '../../api/people-types.ts'

export function TeamOptions({ teams }: { readonly teams: readonly Team[] }) {
  return (
    <>
      <option value="">No team</option>
      {teams.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </>
  )
}
