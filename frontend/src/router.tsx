/** Which page is at which address, and what of its state the address holds. */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ApiError } from './api/client.ts'
import { meQuery } from './api/queries.ts'
import { readBudgetsSearch, readTeamsSearch } from './features/budgets/budgets-search.ts'
import { readConnectSearch } from './features/connect/connect-search.ts'
import { readDashboardSearch } from './features/dashboard/dashboard-search.ts'
import { readEndpointSearch, readEndpointsSearch, readRoutingSearch } from './features/endpoints/endpoints-search.ts'
import { readKeysSearch } from './features/keys/keys-search.ts'
import { readMembersSearch } from './features/members/members-search.ts'
import { readNotificationsSearch } from './features/notifications/notifications-search.ts'
import { readPricingSearch } from './features/pricing/pricing-search.ts'
import { NothingHere, Unreachable } from './shell/failures.tsx'

interface Context {
  readonly queries: QueryClient
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NothingHere,
  errorComponent: Unreachable,
})

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Pages of the portal only: a link in a mail must not lead somewhere else after signing in. */
const ownPage = (value: unknown): string | undefined => {
  const path = text(value)
  return path?.startsWith('/') === true && !path.startsWith('//') && !path.includes('\\') ? path : undefined
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string; reason?: string } => {
    const [next, reason] = [ownPage(search.next), text(search.reason)]
    return { ...(next !== undefined && { next }), ...(reason !== undefined && { reason }) }
  },
  component: lazyRouteComponent(() => import('./features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  // Whoever is not signed in needs nothing of it.
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery)
    } catch (thrown) {
      // Only a clear no leads to signing in; a gateway that does not answer is another matter.
      if (!(thrown instanceof ApiError) || thrown.status !== 401) throw thrown
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } })
    }
  },
})

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(meQuery)
    throw redirect({ to: me.first_request_at === null ? '/connect' : '/dashboard', replace: true })
  },
})

const connect = createRoute({
  getParentRoute: () => shell,
  path: '/connect',
  validateSearch: readConnectSearch,
  component: lazyRouteComponent(() => import('./features/connect/connect-page.tsx'), 'ConnectPage'),
})

const dashboard = createRoute({
  getParentRoute: () => shell,
  path: '/dashboard',
  validateSearch: readDashboardSearch,
  component: lazyRouteComponent(() => import('./features/dashboard/dashboard-page.tsx'), 'DashboardPage'),
})

const keys = createRoute({
  getParentRoute: () => shell,
  path: '/keys',
  validateSearch: readKeysSearch,
  component: lazyRouteComponent(() => import('./features/keys/keys-page.tsx'), 'KeysPage'),
})

const webSearch = createRoute({
  getParentRoute: () => shell,
  path: '/web-search',
  component: lazyRouteComponent(() => import('./features/web-search/web-search-page.tsx'), 'WebSearchPage'),
})

const admins = createRoute({
  getParentRoute: () => shell,
  id: 'admins',
  component: lazyRouteComponent(() => import('./shell/admins-only.tsx'), 'AdminsOnly'),
})

const endpoints = createRoute({
  getParentRoute: () => admins,
  path: '/endpoints',
  validateSearch: readEndpointsSearch,
  component: lazyRouteComponent(() => import('./features/endpoints/endpoints-page.tsx'), 'EndpointsPage'),
})

const routing = createRoute({
  getParentRoute: () => admins,
  path: '/endpoints/teams',
  validateSearch: readRoutingSearch,
  component: lazyRouteComponent(() => import('./features/endpoints/routing-page.tsx'), 'RoutingPage'),
})

const endpoint = createRoute({
  getParentRoute: () => admins,
  path: '/endpoints/$id',
  validateSearch: readEndpointSearch,
  component: lazyRouteComponent(() => import('./features/endpoints/endpoint-page.tsx'), 'EndpointPage'),
})

const notifications = createRoute({
  getParentRoute: () => admins,
  path: '/notifications',
  validateSearch: readNotificationsSearch,
  component: lazyRouteComponent(() => import('./features/notifications/notifications-page.tsx'), 'NotificationsPage'),
})

const pricing = createRoute({
  getParentRoute: () => admins,
  path: '/pricing',
  validateSearch: readPricingSearch,
  component: lazyRouteComponent(() => import('./features/pricing/pricing-page.tsx'), 'PricingPage'),
})

const members = createRoute({
  getParentRoute: () => admins,
  path: '/members',
  validateSearch: readMembersSearch,
  component: lazyRouteComponent(() => import('./features/members/members-page.tsx'), 'MembersPage'),
})

const teams = createRoute({
  getParentRoute: () => admins,
  path: '/teams',
  validateSearch: readTeamsSearch,
  component: lazyRouteComponent(() => import('./features/budgets/teams-page.tsx'), 'TeamsPage'),
})

const anyTab = createRoute({
  getParentRoute: () => admins,
  path: '/teams/$id',
  beforeLoad: ({ params: { id } }) => {
    throw redirect({ to: '/teams/$id/$tab', params: { id, tab: 'budget' }, replace: true })
  },
})

const team = createRoute({
  getParentRoute: () => admins,
  path: '/teams/$id/$tab',
  component: lazyRouteComponent(() => import('./features/budgets/team-page.tsx'), 'TeamPage'),
})

const budgets = createRoute({
  getParentRoute: () => admins,
  path: '/budgets',
  validateSearch: readBudgetsSearch,
  component: lazyRouteComponent(() => import('./features/budgets/budgets-page.tsx'), 'BudgetsPage'),
})

const defaultBudget = createRoute({
  getParentRoute: () => admins,
  path: '/budgets/default',
  component: lazyRouteComponent(() => import('./features/budgets/default-budget-page.tsx'), 'DefaultBudgetPage'),
})

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    connect,
    dashboard,
    keys,
    webSearch,
    admins.addChildren([
      members,
      endpoints,
      routing,
      endpoint,
      pricing,
      teams,
      anyTab,
      team,
      budgets,
      defaultBudget,
      notifications,
    ]),
  ]),
])

export const newRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    basepath: '/portal',
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    // An address holds what its page has understood of it, and nothing else.
    search: { strict: true },
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
