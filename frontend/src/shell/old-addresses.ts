/** The gateway this one succeeds had its pages behind a hash; bookmarks and printed texts still name them. */
const PAGES: Readonly<Record<string, string>> = {
  '#/setup': '/portal/connect',
  '#/dashboard': '/portal/dashboard',
  '#/keys': '/portal/keys',
  '#/websearch': '/portal/web-search',
  '#/budgets': '/portal/teams',
  '#/endpoints': '/portal/endpoints',
  '#/pricing': '/portal/pricing',
}

export function takeOldAddress(): void {
  const page = PAGES[location.hash]
  if (page !== undefined) history.replaceState(null, '', page)
}
