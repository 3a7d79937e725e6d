/** Whoever is woken by an alarm finds in the runbook what it means, what to look at and what to do. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/repository.ts'
import { synthesizeStack } from '../support/stack.ts'

const RUNBOOK = 'docs/runbook.md'
const [, alarmsChapter = ''] = /^## Alarms$([\s\S]*?)^## /m.exec(readFileSync(join(ROOT, RUNBOOK), 'utf8')) ?? []
const sections = new Map(
  alarmsChapter
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n')
      return [heading.trim(), lines.join('\n')] as const
    }),
)

const { template } = synthesizeStack()
const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => ({
  name: String(Properties.AlarmName),
  description: String(Properties.AlarmDescription),
}))
const headingOf = (name: string): string => name.slice(name.indexOf('-') + 1)

test('every alarm has its heading, and no heading is without its alarm', () => {
  expect(alarms.length).toBeGreaterThan(20)
  expect([...sections.keys()].sort()).toEqual(alarms.map(({ name }) => headingOf(name)).sort())
})

test('every alarm says in a sentence what is wrong, and where in the runbook it stands', () => {
  for (const { name, description } of alarms)
    expect(description).toMatch(new RegExp(`^[A-Za-z].+\\. What to do: ${RUNBOOK}#${headingOf(name).toLowerCase()}$`))
})

test.each([...sections])('%s: what it means, what to look at, what to do', (_, text) => {
  const parts = [...text.matchAll(/^- \*\*([^*]+):\*\* (.+)/gm)].map(([, label]) => label)
  expect(parts).toEqual(['It means', 'Look at', 'Do'])
})
