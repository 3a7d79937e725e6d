/** The portal in a real browser, as somebody has it before them; whatever the page should not have done is noted. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Page, Response } from 'playwright-core'
import type { Deployed } from './deployed.ts'

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of scripts, violations of the content security policy, requests to anybody else. */
  readonly wrongs: readonly string[]
  readonly loaded: readonly Response[]
}

export interface Visitor {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

export async function visit(
  browser: Browser,
  gateway: Deployed,
  { width = 1280, height = 800, theme = 'light' }: Visitor = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const wrongs: string[] = []
  const loaded: Response[] = []
  page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`))
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // What the server refuses is part of many stories, and told by the page itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrongs.push(message.text())
  })
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== gateway.gatewayUrl) wrongs.push(`foreign request: ${request.url()}`)
  })
  page.on('response', (response) => loaded.push(response))
  return { page, context, wrongs, loaded }
}

/** Without the form: as one who has signed in before. */
export async function enter(
  { page, context }: Pick<Visit, 'page' | 'context'>,
  gateway: Deployed,
  path: string,
  token: string = gateway.adminToken,
): Promise<void> {
  // The browser takes a loopback address for as safe as TLS; its own interface for cookies wants to hear so.
  const url = gateway.gatewayUrl.replace('http:', 'https:')
  await context.addCookies([
    { name: '__Host-session', value: token, url, secure: true, httpOnly: true, sameSite: 'Lax' },
  ])
  await page.goto(`${gateway.gatewayUrl}/portal${path}`)
}

export async function signIn({ page }: Visit, gateway: Deployed, path = '/'): Promise<void> {
  await page.goto(`${gateway.gatewayUrl}/portal${path}`)
  await page.getByLabel('Username').fill(gateway.adminUser)
  await page.getByLabel('Password', { exact: true }).fill(gateway.adminPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page
    .getByRole('navigation', { name: 'Main' })
    .or(page.getByRole('button', { name: 'Open navigation' }))
    .first()
    .waitFor()
}

/** What was sent for the page, as the distribution compresses it; what is compressed already stays as it is. */
export async function compressedBytes(loaded: readonly Response[]): Promise<number> {
  const sizes = loaded.map(async (response) => {
    const body = await response.body().catch(() => Buffer.alloc(0))
    return Math.min(body.length, gzipSync(body, { level: 9 }).length)
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

/** WCAG 2.0 to 2.2, A and AA, as far as a program can tell. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    async (tags) =>
      await (globalThis as unknown as { axe: { run(o: object): Promise<AxeResults> } }).axe.run({ runOnly: tags }),
    RULES,
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
