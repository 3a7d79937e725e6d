/** CloudFront's path patterns: `*` for any text, `?` for one character, upper and lower case told apart. Source: CloudFront developer guide, "Path pattern". */
export function matchesPath(pattern: string, path: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.')
  // A pattern means the same with and without its leading slash.
  return new RegExp(`^/?${expression.replace(/^\//, '')}$`).test(path)
}
