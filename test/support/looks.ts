/**
 * Pages of the portal in both themes and at every width: accessible, nothing cut off, nothing foreign. With `SHOTS=<folder>` each
 * of them is also left there as a picture, for somebody to look at.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { enter, expectAccessible, visit } from './portal.ts'
import { browser, gateway, openGateway } from './portal-stage.ts'

export interface Place {
  readonly name: string
  readonly path: string
  /** Looked at before anybody has signed in. */
  readonly isSignedOut?: true
  /** What must be there before anything is judged. */
  ready(page: Page): Promise<void>
}

const shots = process.env.SHOTS

/** @param fill Brings into the gateway what the places show. */
export function testLooks(places: readonly Place[], fill: () => Promise<void>): void {
  openGateway(fill)
  if (shots !== undefined) mkdirSync(shots, { recursive: true })
  // Signing in cannot be taken back within a visit.
  const inOrder = places.toSorted((a, b) => Number(b.isSignedOut ?? false) - Number(a.isSignedOut ?? false))
  const open = async (seen: Parameters<typeof enter>[0], place: Place): Promise<void> => {
    if (place.isSignedOut) await seen.page.goto(`${gateway.gatewayUrl}/portal${place.path}`)
    else await enter(seen, gateway, place.path)
    await place.ready(seen.page)
  }

  describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
    test.each([1440, 390])('every page is accessible at %d pixels', async (width) => {
      const { page, context, wrongs } = await visit(browser, gateway, {
        theme,
        width,
        height: width > 1000 ? 900 : 844,
      })
      for (const place of inOrder) {
        await open({ page, context }, place)
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${place.name}-${width}-${theme}.png`) })
        await expectAccessible(page, `${place.name}, ${theme}, ${width} pixels`)
      }
      await context.close()
      expect(wrongs).toEqual([])
    })
  })

  test.each([320, 390, 768, 1024, 1440, 1920])('no page has to be scrolled sideways at %d pixels', async (width) => {
    const { page, context } = await visit(browser, gateway, { width })
    const tooWide: string[] = []
    for (const place of inOrder) {
      await open({ page, context }, place)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (overflow > 0) tooWide.push(`${place.name} by ${overflow}`)
      tooWide.push(...(await cutOff(page)).map((what) => `${place.name}: ${what}`))
    }
    await context.close()
    expect(tooWide).toEqual([])
  })
}

/** What a dialog has beyond its edge, where nobody can scroll to it. */
async function cutOff(page: Page): Promise<readonly string[]> {
  return await page.evaluate<string[]>(`(() => {
    const dialog = document.querySelector('[role=dialog],[role=alertdialog]')
    const edge = dialog?.getBoundingClientRect().right ?? Infinity
    return [...(dialog?.querySelectorAll('button, input, select, textarea') ?? [])]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > edge + 1)
      .map((one) => one.getAttribute('aria-label') ?? one.textContent)
  })()`)
}
