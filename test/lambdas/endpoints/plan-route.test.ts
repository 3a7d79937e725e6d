import { describe, expect, test } from 'vitest'
import { planRoute, type RouteQuestion } from '../../../lambdas/endpoints/plan-route.ts'
import { readModel } from '../../../lambdas/models/model-names.ts'
import { Fault } from '../../../lambdas/platform/fault.ts'
import { routedEndpoint, routingOfAll, teamWith } from '../../support/endpoints.ts'

const OPUS = 'us.anthropic.claude-opus-5-5'

const question = (but: Partial<RouteQuestion>): RouteQuestion => ({
  asked: readModel('claude-opus-5-5'),
  routing: routingOfAll([]),
  team: null,
  subject: 'someone',
  affinity: null,
  turn: 0,
  isTroubled: () => false,
  ...but,
})
const planned = (but: Partial<RouteQuestion>): string[] => planRoute(question(but)).map(({ endpoint }) => endpoint.id)

function refusalOf(but: Partial<RouteQuestion>): Fault {
  try {
    planned(but)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
  }
  throw new Error('there was a way')
}

const three = [routedEndpoint('a'), routedEndpoint('b'), routedEndpoint('c')]

describe('without endpoints of a team', () => {
  test('F1: the default endpoint is asked, and nobody beside it', () => {
    expect(planned({ routing: routingOfAll(three, 'b') })).toEqual(['b'])
    expect(planned({ routing: routingOfAll(three, 'b'), team: teamWith('round_robin', []) })).toEqual(['b'])
  })

  test('F1: no endpoint, none set as the default, or a disabled one: that is said, and to be tried again', () => {
    const disabled = [routedEndpoint('a', { enabled: false })]
    for (const routing of [
      routingOfAll([]),
      routingOfAll(three),
      routingOfAll(disabled, 'a'),
      routingOfAll(three, 'gone'),
    ]) {
      expect(refusalOf({ routing })).toMatchObject({ code: 'no_endpoint', retryAfterSeconds: 30 })
    }
  })
})

describe('F22, W12: a team with endpoints is never served by another one', () => {
  const team = teamWith('primary_fallback', ['a'])
  test.each([
    ['disabled', [routedEndpoint('a', { enabled: false }), routedEndpoint('z')]],
    ['gone (F7)', [routedEndpoint('z')]],
  ])('when its own are %s', (_, endpoints) => {
    expect(refusalOf({ routing: routingOfAll(endpoints, 'z'), team }).code).toBe('no_endpoint')
  })

  test('when its own are unhealthy, they are asked all the same: the mark may be wrong', () => {
    const endpoints = [routedEndpoint('a', { health: 'unhealthy' }), routedEndpoint('z')]
    expect(planned({ routing: routingOfAll(endpoints, 'z'), team })).toEqual(['a'])
  })
})

describe('the order', () => {
  const routing = routingOfAll(three)

  test('F3: primary and fallback: as the team has put them', () => {
    expect(planned({ routing, team: teamWith('primary_fallback', ['c', 'a', 'b']) })).toEqual(['c', 'a', 'b'])
  })

  test('F8: the team’s priority first, then the endpoint’s', () => {
    const endpoints = [routedEndpoint('a', { priority: 9 }), routedEndpoint('b', { priority: 1 }), routedEndpoint('c')]
    const team = teamWith('primary_fallback', [
      ['a', 5],
      ['b', 5],
      ['c', 7],
    ])
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['b', 'a', 'c'])
  })

  test('trouble with a model counts whatever it is asked by: the ARN of an application profile too', () => {
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc'
    const endpoints = ['a', 'b'].map((id) =>
      routedEndpoint(id, { applicationProfiles: new Map([['claude-opus-5-5', arn]]) }),
    )
    const isTroubled = (id: string, model: string): boolean => id === 'a' && model === 'claude-opus-5-5'
    const asked = { routing: routingOfAll(endpoints), team: teamWith('primary_fallback', ['a', 'b']), isTroubled }
    expect(planned({ ...asked, asked: readModel(arn) })).toEqual(planned(asked))
    expect(planned(asked)).toEqual(['b', 'a'])
  })

  test('F3, F6: the unhealthy and the troubled are asked after the others', () => {
    const endpoints = [routedEndpoint('a', { health: 'unhealthy' }), routedEndpoint('b'), routedEndpoint('c')]
    const team = teamWith('primary_fallback', ['a', 'b', 'c'])
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['b', 'c', 'a'])
    expect(planned({ routing: routingOfAll(endpoints), team, isTroubled: (id) => id === 'b' })).toEqual(['c', 'b', 'a'])
  })

  test('an endpoint nobody has looked at yet is as good as a healthy one', () => {
    const endpoints = [routedEndpoint('a', { health: 'unknown' }), routedEndpoint('b')]
    expect(planned({ routing: routingOfAll(endpoints), team: teamWith('primary_fallback', ['a', 'b']) })).toEqual([
      'a',
      'b',
    ])
  })

  test('F2: round robin gives each its turn, however high the count has grown', () => {
    const team = teamWith('round_robin', ['a', 'b', 'c'])
    const firsts = [0, 1, 2, 3, 2 ** 31, 2 ** 31 + 1].map((turn) => planned({ routing, team, turn })[0])
    expect(firsts).toEqual(['a', 'b', 'c', 'a', 'c', 'a'])
    expect(planned({ routing, team, turn: 1 })).toEqual(['b', 'c', 'a'])
  })

  test('F2: round robin passes over the unhealthy, and works with one', () => {
    const endpoints = [routedEndpoint('a'), routedEndpoint('b', { health: 'unhealthy' }), routedEndpoint('c')]
    const team = teamWith('round_robin', ['a', 'b', 'c'])
    expect([0, 1, 2].map((turn) => planned({ routing: routingOfAll(endpoints), team, turn })[0])).toEqual([
      'a',
      'c',
      'c',
    ])
    expect(planned({ routing, team: teamWith('round_robin', ['b']), turn: 7 })).toEqual(['b'])
  })
})

describe('sticky', () => {
  const routing = routingOfAll(three)
  const level = teamWith('sticky_user', [
    ['a', 0],
    ['b', 0],
    ['c', 0],
  ])

  test('one subject stays with one endpoint, in every environment alike', () => {
    const first = planned({ routing, team: level, subject: 'session-1' })
    for (const turn of [1, 2, 3]) expect(planned({ routing, team: level, subject: 'session-1', turn })).toEqual(first)
  })

  test('endpoints of one rank share the people evenly', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 6_000; i++) {
      const [first = ''] = planned({ routing, team: level, subject: `0b9f7e${i.toString(16)}-4d2c-4a11` })
      counts.set(first, (counts.get(first) ?? 0) + 1)
    }
    // A fair draw leaves 2,000 ± 37 (one standard deviation); four of them are beyond chance.
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(150)
  })

  test('when an endpoint leaves, only its own people move', () => {
    const fewer = routingOfAll([three[0], three[2]].flatMap((one) => one ?? []))
    for (let i = 0; i < 300; i++) {
      const [before, second] = planned({ routing, team: level, subject: `s${i}` })
      const [after] = planned({ routing: fewer, team: level, subject: `s${i}` })
      expect(after).toBe(before === 'b' ? second : before)
    }
  })

  test('an earlier rank comes before the draw', () => {
    const team = teamWith('sticky_user', ['c', 'a', 'b'])
    for (let i = 0; i < 20; i++) expect(planned({ routing, team, subject: `s${i}` })).toEqual(['c', 'a', 'b'])
  })

  test('F4: where the subject was last answered comes first', () => {
    expect(planned({ routing, team: teamWith('sticky_user', ['a', 'b', 'c']), affinity: 'c' })).toEqual(['c', 'a', 'b'])
  })

  test('F4: not when that endpoint is unhealthy, disabled or another team’s', () => {
    const team = teamWith('sticky_user', ['a', 'b'])
    const unhealthy = routingOfAll([
      routedEndpoint('a'),
      routedEndpoint('b', { health: 'unhealthy' }),
      routedEndpoint('c'),
    ])
    const disabled = routingOfAll([routedEndpoint('a'), routedEndpoint('b', { enabled: false })])
    expect(planned({ routing: unhealthy, team, affinity: 'b' })).toEqual(['a', 'b'])
    expect(planned({ routing: disabled, team, affinity: 'b' })).toEqual(['a'])
    expect(planned({ routing: unhealthy, team, affinity: 'c' })).toEqual(['a', 'b'])
  })
})

describe('which of them have the model', () => {
  const team = teamWith('primary_fallback', ['a', 'b'])

  test('F10, F11: those that list it, even when another one comes first', () => {
    const endpoints = [
      routedEndpoint('a', { profiles: ['us.anthropic.claude-haiku-4-5-20251001-v1:0'] }),
      routedEndpoint('b', { profiles: [OPUS] }),
    ]
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['b'])
  })

  test('F9: a part of a name is not the name', () => {
    const endpoints = [routedEndpoint('a', { profiles: [`${OPUS}-mini`] }), routedEndpoint('b', { profiles: [OPUS] })]
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['b'])
  })

  test('W14: a model that is newer than every list is asked for', () => {
    const endpoints = [routedEndpoint('a', { profiles: [] }), routedEndpoint('b', { profiles: [] })]
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['a', 'b'])
  })

  test('an endpoint whose list nobody has read yet may have it', () => {
    const endpoints = [routedEndpoint('a', { profiles: null }), routedEndpoint('b', { profiles: [OPUS] })]
    expect(planned({ routing: routingOfAll(endpoints), team })).toEqual(['a', 'b'])
  })

  test('F10: none can serve it: the refusal names the model and says what to do', () => {
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc'
    const refusal = refusalOf({ asked: readModel(arn), routing: routingOfAll(three), team })
    expect(refusal.code).toBe('model_refused')
    expect(refusal.message).toContain(arn)
    expect(refusal.message).toMatch(/endpoints.*administrator/)
  })

  test('F20, W15: each endpoint is asked by its own name for the model', () => {
    const arn = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc'
    const endpoints = [
      routedEndpoint('a', { routingPrefix: 'us' }),
      routedEndpoint('b', { routingPrefix: 'eu', applicationProfiles: new Map([['claude-opus-5-5', arn]]) }),
      routedEndpoint('c', { routingPrefix: 'global' }),
    ]
    const targets = planRoute(
      question({ routing: routingOfAll(endpoints), team: teamWith('primary_fallback', ['a', 'b', 'c']) }),
    )
    expect(targets.map(({ model }) => [model.bedrockId, model.scope])).toEqual([
      [OPUS, 'regional'],
      [arn, 'regional'],
      ['global.anthropic.claude-opus-5-5', 'global'],
    ])
  })
})
