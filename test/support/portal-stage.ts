/** What the tests of one file have in common that meet the portal in a browser: the names are filled before the tests run. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { openBrowser } from './browser.ts'
import { type Deployed, deploy } from './deployed.ts'
import { type Visit, visit } from './portal.ts'

export let gateway: Deployed
export let browser: Browser
/** Of the test that runs. */
export let now: Visit

/** @param fill Brings into the gateway what is to be there before the first test. */
export function openGateway(fill?: () => Promise<void>): void {
  beforeAll(async () => {
    gateway = await deploy({ maxEnvironments: 4 })
    browser = await openBrowser()
    await fill?.()
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.stop()
  })
}

/** A visit for every test, in which the page does nothing that it should not. */
export function openPortal(fill?: () => Promise<void>): void {
  openGateway(fill)
  beforeEach(async () => {
    now = await visit(browser, gateway)
  })
  afterEach(async () => {
    await now.context.close()
    expect(now.wrongs).toEqual([])
  })
}
