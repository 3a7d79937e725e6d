/** `claude-opus-4-6-20260105` → `Opus 4.6`. What does not look like that is shown as it is. */
export function modelName(id: string): string {
  const found = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(id)
  if (found === null) return id
  const [, family = '', major = '', minor] = found
  const name = family.charAt(0).toUpperCase() + family.slice(1)
  return minor === undefined ? `${name} ${major}` : `${name} ${major}.${minor}`
}
