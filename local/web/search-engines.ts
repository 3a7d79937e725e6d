/**
 * The web on this machine: six search providers that speak their own wire formats, and a few pages. Everything they find is told to
 * them; what they were asked is kept to be looked at.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ENGINES, type Engine, type EngineAnswer, FORMATS, type Found, type Question } from './engine-formats.ts'
import { type LocalPage, localPages } from './local-pages.ts'

/** `malformed`: an answer that breaks off within. `challenge`: DuckDuckGo's riddle, with status 200. */
export type EngineBehaviour =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'hang' }
  /** The usual answer, once it is let go. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | { readonly kind: 'break' }
  | { readonly kind: 'enormous'; readonly bytes: number }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'challenge' }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'body'; readonly contentType: string; readonly body: string }

export interface AskedOfEngine extends Question {
  readonly engine: Engine
  readonly userAgent: string | null
}

export interface SearchEngines {
  readonly endpoint: string
  /** Where each provider is; `custom` and `searxng` are what a person enters. */
  readonly endpoints: Readonly<Record<Engine, string>>
  /** The keys that are taken. */
  readonly keys: Readonly<Record<Engine, string>>
  /** In order. */
  asked(): readonly AskedOfEngine[]
  /** The paths of the pages that were asked for, in order. */
  pagesRead(): readonly string[]
  /** What there is on the web from now on. */
  find(found: readonly Found[]): void
  /** A page under `/pages/`; absent members: HTML, status 200. */
  page(path: string, page: LocalPage): void
  /** For the next question to it alone; several queue up. */
  next(engine: Engine, behaviour: EngineBehaviour): void
  /** From now on; `null`: as usual. */
  always(engine: Engine, behaviour: EngineBehaviour | null): void
  /** Resolves when the provider, or the page of that path, has been asked so many times in all. */
  reached(what: Engine | string, times?: number): Promise<void>
  /** Forgets what was asked and told; keys and default pages stay. */
  clear(): void
  stop(): Promise<void>
}

const KEYS: Readonly<Record<Engine, string>> = {
  duckduckgo: '',
  tavily: 'tvly-local-0123456789abcdef',
  serper: '0123456789abcdef0123456789abcdef01234567',
  brave: 'BSAlocal0123456789abcdefghijkl',
  searxng: '',
  custom: 'custom-local-key',
}

/** @param port 0: any that is free. */
export async function startSearchEngines(port = 0): Promise<SearchEngines> {
  const web = createWeb()
  const server = createServer((request, response) => void serve(request, response, web).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  web.clear(endpoint)
  return {
    endpoint,
    endpoints: Object.fromEntries(ENGINES.map((engine) => [engine, endpoint + FORMATS[engine].path])) as Record<
      Engine,
      string
    >,
    keys: KEYS,
    asked: () => web.asked,
    pagesRead: () => web.read,
    find(found) {
      web.found = found
    },
    page: (path, page) => void web.pages.set(path, page),
    next: (engine, behaviour) => void web.queueOf(engine).push(behaviour),
    always(engine, behaviour) {
      if (behaviour === null) web.standing.delete(engine)
      else web.standing.set(engine, behaviour)
    },
    reached: (what, times = 1) => web.reached(what, times),
    clear: () => web.clear(endpoint),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What the engines know, were told and were asked. */
interface Web {
  readonly asked: AskedOfEngine[]
  readonly read: string[]
  readonly pages: Map<string, LocalPage>
  readonly standing: Map<Engine, EngineBehaviour>
  found: readonly Found[]
  queueOf(engine: Engine): EngineBehaviour[]
  tell(): void
  reached(what: string, times: number): Promise<void>
  clear(endpoint: string): void
}

function createWeb(): Web {
  const queues = new Map<Engine, EngineBehaviour[]>()
  let watching: (() => void)[] = []
  const timesOf = (what: string): number =>
    web.asked.filter(({ engine }) => engine === what).length + web.read.filter((path) => path === what).length
  const web: Web = {
    asked: [],
    read: [],
    pages: new Map(),
    standing: new Map(),
    found: [],
    queueOf(engine) {
      const queue = queues.get(engine) ?? []
      queues.set(engine, queue)
      return queue
    },
    tell() {
      const now = watching
      watching = []
      for (const look of now) look()
    },
    reached: (what, times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (timesOf(what) >= times) resolve()
          else watching.push(look)
        }
        look()
      }),
    clear(endpoint) {
      web.asked.length = 0
      web.read.length = 0
      queues.clear()
      web.standing.clear()
      const { pages, found } = localPages(endpoint)
      web.pages.clear()
      for (const [path, page] of Object.entries(pages)) web.pages.set(path, page)
      web.found = found
    },
  }
  return web
}

async function serve(request: IncomingMessage, response: ServerResponse, web: Web): Promise<void> {
  const body = await text(request)
  const url = new URL(request.url ?? '/', 'http://localhost')
  const engine = ENGINES.find((one) => FORMATS[one].path === url.pathname)
  if (engine === undefined) return servePage(url.pathname, response, web)
  const format = FORMATS[engine]
  if (request.method !== format.method) return send(response, format.refuse(405))
  const { headers } = request
  const question = format.read({
    method: request.method,
    path: url.pathname,
    search: url.searchParams,
    headers,
    body,
  })
  web.asked.push({ engine, userAgent: headers['user-agent'] ?? null, ...question })
  const behaviour = web.queueOf(engine).shift() ?? web.standing.get(engine)
  web.tell()
  if (behaviour?.kind === 'hold') await behaviour.until
  else if (behaviour !== undefined) return behave(response, engine, behaviour)
  if (!knowsKey(engine, question.key)) return send(response, format.refuse(format.unknownKey))
  send(response, format.answer(question, withinRules(web.found, question, engine)))
}

const knowsKey = (engine: Engine, key: string | null): boolean =>
  key === null ? !FORMATS[engine].needsKey : key === KEYS[engine]

/** Operators in the question, lists beside it, and how many are wanted. */
function withinRules(found: readonly Found[], { query, count, onlyDomains, notDomains }: Question, engine: Engine) {
  const named = (operator: RegExp): readonly string[] =>
    engine === 'custom' || engine === 'tavily' ? [] : [...query.matchAll(operator)].map(([, host = '']) => host)
  const only = [...onlyDomains, ...named(/(?<![\w-])site:([\w.-]+)/g)]
  const not = [...notDomains, ...named(/-site:([\w.-]+)/g)]
  const on = (url: string, host: string): boolean => `.${URL.parse(url)?.hostname}`.endsWith(`.${host}`)
  return found
    .filter(({ ad }) => !ad || engine === 'duckduckgo')
    .filter(({ url }) => only.length === 0 || only.some((host) => on(url, host)))
    .filter(({ url }) => !not.some((host) => on(url, host)))
    .slice(0, count ?? undefined)
}

function behave(
  response: ServerResponse,
  engine: Engine,
  behaviour: Exclude<EngineBehaviour, { readonly kind: 'hold' }>,
): void {
  const { refuse, answer } = FORMATS[engine]
  switch (behaviour.kind) {
    case 'status':
      return send(response, refuse(behaviour.status))
    case 'hang':
      return
    case 'break':
      return void response.destroy()
    case 'challenge':
      return send(response, { ...refuse(202), status: 200 })
    case 'redirect':
      return void response.writeHead(302, { location: behaviour.location }).end()
    case 'body':
      return send(response, { status: 200, ...behaviour })
    case 'enormous':
      return send(response, { status: 200, contentType: 'application/json', body: 'x'.repeat(behaviour.bytes) })
    case 'malformed': {
      const whole = answer(NOTHING, [{ title: 'One', url: 'https://example.com/', snippet: 'One.' }])
      const half = engine === 'duckduckgo' ? '<html><body><p>Bad gateway' : whole.body.slice(0, whole.body.length / 2)
      return send(response, { ...whole, body: half })
    }
  }
}

const NOTHING: Question = { query: '', key: null, count: null, country: null, onlyDomains: [], notDomains: [] }

const send = (response: ServerResponse, { status, contentType, body }: EngineAnswer): void =>
  void response.writeHead(status, { 'content-type': contentType }).end(body)

function servePage(path: string, response: ServerResponse, web: Web): void {
  web.read.push(path)
  web.tell()
  const page = web.pages.get(path)
  if (page === undefined) return void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
  if (page.hangs) return
  const { status = 200, contentType = 'text/html; charset=utf-8', headers = {}, body } = page
  response.writeHead(status, { ...(contentType !== '' && { 'content-type': contentType }), ...headers }).end(body)
}
