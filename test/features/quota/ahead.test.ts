import { expect, it } from 'vitest'
import { arm, chat } from '../../support/chat.ts'
import { grant, heldBy, newLender, reached } from '../../support/quota.ts'
import { waitFor } from '../../support/stack.ts'

/** `QUOTA_ESTIMATE`, in 1/10,000 unit. */
const PRICE = 100
const CALLS = 12
const AHEAD = 8

it('an isolate takes a few calls ahead, not a few for each of those that come at once', async () => {
  const person = await newLender()
  await grant(person, 2)
  const content = await arm('slow', { times: CALLS, delayMs: 3_000 })
  const answers = Array.from({ length: CALLS }, () => chat({ key: person.key, content }))
  await waitFor(async () => (await reached(content)) === CALLS)
  // Those that were let through before Redis was told have to be told of all the same.
  await waitFor(async () => (await heldBy(person)) >= CALLS * PRICE)
  const held = await heldBy(person)
  await Promise.all(answers)
  // A slice is taken once less than half of one is left.
  expect(held).toBeLessThan((CALLS + 1.5 * AHEAD) * PRICE)
})

it('what is served from what was taken ahead counts like any other call', async () => {
  const person = await newLender()
  const fit = 80
  await grant(person, (fit * PRICE) / 10_000)
  // Where there is plenty, the first call takes some ahead.
  expect((await chat({ key: person.key, content: 'first' })).status).toBe(200)
  await waitFor(async () => (await heldBy(person)) === AHEAD * PRICE)
  const content = await arm('slow', { times: 2 * fit, delayMs: 4_000 })
  const answers = await Promise.all(
    Array.from({ length: 2 * fit }, () => chat({ key: person.key, content })),
  )
  // The AI service may refuse some of those that reach it: its own meter charges parallel calls too much.
  const refused = answers.filter(({ error }) => error?.message.startsWith('Your pool'))
  const passed = await reached(content)
  expect(refused).toHaveLength(2 * fit - passed)
  expect(passed).toBeLessThanOrEqual(fit)
  expect(passed).toBeGreaterThan(fit / 2)
})
