/**
 * Three kinds of tests. `unit` runs our sources in the test's own process, beside an embedded database where one is needed.
 * `deployed` speaks from outside to the bundles that would be deployed, each test file to a gateway of its own. `slow` does
 * the same and waits for real, because a client that is not ours does; `test/run.ts` runs it only where it is asked for.
 */
import { defineConfig } from 'vitest/config'

const DEPLOYED = ['test/e2e/**/*.test.ts', 'test/deployed/**/*.test.ts']
const SLOW = ['test/**/*.slow.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['test/support/no-outside-network.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...DEPLOYED, ...SLOW],
          maxWorkers: 2,
          // Nothing here takes a second on an idle machine. The limits are for two busy cores, where they are only to catch
          // what hangs.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'deployed',
          include: DEPLOYED,
          exclude: SLOW,
          globalSetup: ['test/support/synth.setup.ts'],
          // A gateway is up to a dozen processes: one at a time is as fast on two cores, and steadier.
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: SLOW,
          globalSetup: ['test/support/synth.setup.ts'],
          maxWorkers: 1,
          // What waits is all begun at once; the longest wait is six minutes.
          maxConcurrency: 8,
          testTimeout: 600_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
