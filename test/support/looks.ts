/**
 * Pages of the portal in both themes and at every width: accessible, nothing cut off, nothing foreign. With `SHOTS=<folder>` each
 * of them is also left there as a picture, for somebody to look at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { enter, type Visit, violationsOf, visit } from './portal.ts'
import { browser, gateway, openGateway } from './portal-stage.ts'

export interface Place {
  readonly name: string
  readonly path: string
  /** Looked at before anybody has signed in. */
  readonly isSignedOut?: true
  /** What must be there before anything is judged. */
  ready(page: Page): Promise<void>
}

const THEMES = ['light', 'dark'] as const

/**
 * A page is brought into its state twice: on a phone, and where the sidebar is a rail, each at its narrowest, where the least can be
 * reached. The window is then made wider and the system's theme another, as a person does it. No script of ours asks for
 * either (but the chart, which is told of a new width), so it looks as if it had been opened so. That all of it can be reached beside
 * the whole sidebar is for the other tests of the portal, at 1280 pixels.
 */
const LAYOUTS = [
  { widths: [320, 390], judged: 390, height: 844 },
  { widths: [768, 1024, 1440, 1920], judged: 1440, height: 900 },
] as const
type Layout = (typeof LAYOUTS)[number]
const JUDGED = LAYOUTS.map(({ judged }) => judged)
const WIDTHS = LAYOUTS.flatMap(({ widths }) => widths)

/** What is wrong with the places in one layout. */
interface Looks {
  readonly inaccessible: Record<(typeof THEMES)[number], string[]>
  readonly tooWide: Map<number, string[]>
  readonly wrongs: readonly string[]
}

const shots = process.env.SHOTS

/** @param fill Brings into the gateway what the places show. */
export function testLooks(places: readonly Place[], fill: () => Promise<void>): void {
  openGateway(fill)
  if (shots !== undefined) mkdirSync(shots, { recursive: true })
  // Signing in cannot be taken back within a visit.
  const inOrder = places.toSorted((a, b) => Number(b.isSignedOut ?? false) - Number(a.isSignedOut ?? false))
  const looks = new Map<number, Promise<Looks>>()
  beforeAll(() => {
    // One page waits while another draws.
    for (const layout of LAYOUTS) {
      const looked = lookAt(layout, inOrder)
      // It is for the tests of its widths to fail.
      looked.catch(() => {})
      for (const width of layout.widths) looks.set(width, looked)
    }
  })
  const looksAt = async (width: number): Promise<Looks> => {
    const found = await looks.get(width)
    if (found === undefined) throw new Error(`nobody has looked at ${width} pixels`)
    return found
  }

  describe.each(THEMES)('in the %s theme', (theme) => {
    test.each(JUDGED)('every page is accessible at %d pixels', async (width) => {
      const { inaccessible, wrongs } = await looksAt(width)
      expect(inaccessible[theme]).toEqual([])
      expect(wrongs).toEqual([])
    })
  })

  test.each(WIDTHS)('no page has to be scrolled sideways at %d pixels', async (width) => {
    const { tooWide, wrongs } = await looksAt(width)
    expect(tooWide.get(width)).toEqual([])
    expect(wrongs).toEqual([])
  })
}

async function lookAt(layout: Layout, places: readonly Place[]): Promise<Looks> {
  const { widths, height } = layout
  const seen = await visit(browser, gateway, { width: widths[0], height })
  const looks: Looks = {
    inaccessible: { light: [], dark: [] },
    tooWide: new Map(widths.map((width) => [width, []])),
    wrongs: seen.wrongs,
  }
  for (const place of places) await lookAtPlace(seen, place, layout, looks)
  await seen.context.close()
  return looks
}

async function lookAtPlace(seen: Visit, place: Place, layout: Layout, looks: Looks): Promise<void> {
  const { page } = seen
  const { widths, height } = layout
  await page.setViewportSize({ width: widths[0], height })
  if (place.isSignedOut) await page.goto(`${gateway.gatewayUrl}/portal${place.path}`)
  else await enter(seen, gateway, place.path)
  await place.ready(page)
  const { layers } = await measure(page)
  for (const width of widths) {
    if (width !== widths[0]) {
      await page.setViewportSize({ width, height })
      await page.evaluate(DRAWN)
    }
    const found = await measure(page)
    // What has closed by itself would be judged without being there.
    expect(found.layers, `${place.name}, what is open at ${width} pixels`).toEqual(layers)
    const tooWide = found.cutOff.map((what) => `${place.name}: ${what}`)
    if (found.overflow > 0) tooWide.unshift(`${place.name} by ${found.overflow}`)
    looks.tooWide.get(width)?.push(...tooWide)
    if (layout.judged === width) await judge(page, place, width, looks)
  }
}

async function judge(page: Page, { name }: Place, width: number, { inaccessible }: Looks): Promise<void> {
  const grounds = new Set<string>()
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme })
    grounds.add(await page.evaluate<string>(GROUND_AT_REST))
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${width}-${theme}.png`) })
    inaccessible[theme].push(...(await violationsOf(page)).map((what) => `${name}: ${what}`))
  }
  expect(grounds.size, `${name} in two themes`).toBe(THEMES.length)
  await page.emulateMedia({ colorScheme: THEMES[0] })
}

/** What follows a new width: an observer's callback in the first frame, what it draws in the second. */
const DRAWN = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))'

/** The colour of the page, once nothing moves any more. */
const GROUND_AT_REST = `Promise.allSettled(document.getAnimations().map((one) => one.finished))
  .then(() => getComputedStyle(document.documentElement).backgroundColor)`

interface Measured {
  readonly layers: readonly string[]
  /** Pixels beyond the window's width. */
  readonly overflow: number
  /** What a dialog has beyond its edge, where nobody can scroll to it. */
  readonly cutOff: readonly string[]
}

async function measure(page: Page): Promise<Measured> {
  return await page.evaluate<Measured>(`(() => {
    const layers = [...document.querySelectorAll('[role=dialog],[role=alertdialog],[role=menu],[role=listbox]')]
    const dialog = layers.find((one) => one.role.endsWith('dialog'))
    const edge = dialog?.getBoundingClientRect().right ?? Infinity
    return {
      layers: layers.filter((one) => one.checkVisibility()).map((one) => one.role),
      overflow: document.documentElement.scrollWidth - innerWidth,
      cutOff: [...(dialog?.querySelectorAll('button, input, select, textarea') ?? [])]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > edge + 1)
        .map((one) => one.getAttribute('aria-label') ?? one.textContent),
    }
  })()`)
}
