import { expect, it } from 'vitest'
import { untilMultiple } from '../../../src/platform/quantum.ts'
import { sleep } from '../../../src/platform/timer.ts'

const QUANTUM_MS = 200
const clock = { now: () => performance.now() }

it.each([
  [0, 1],
  [120, 1],
  [230, 2],
])('what took %i ms ends after %i whole quanta', async (workMs, quanta) => {
  const since = clock.now()
  await sleep(workMs)
  await untilMultiple(clock, since, QUANTUM_MS)
  const passed = clock.now() - since
  // Timers may be a little early, and are often late.
  expect(passed).toBeGreaterThan(quanta * QUANTUM_MS - 2)
  expect(passed).toBeLessThan((quanta + 0.5) * QUANTUM_MS)
})

it('does not wait for a quantum of nothing', async () => {
  const startedAt = performance.now()
  await untilMultiple(clock, startedAt, 0)
  expect(performance.now() - startedAt).toBeLessThan(20)
})
