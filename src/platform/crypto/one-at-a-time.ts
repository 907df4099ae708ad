import { sleep } from '../timer.ts'

const POLL_MS = 10
/** No password takes that many polls to hash: whoever has had the turn for so long was cut off. */
const PATIENCE = 100

let holder: object | null = null

/**
 * Lets an isolate do its heavy work piece by piece. Each password hash takes 19 MiB of the 128 MiB
 * that an isolate has, and hashes that run side by side all end last: their requests' timers run out
 * while they hold each other up.
 *
 * Waiting is done by looking again, never by a promise of another request: if that request is cut off
 * in the middle, because its client went away, its promise is never kept. Such a turn is taken over.
 */
export async function oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
  const me = {}
  let seen = holder
  for (let polls = 0; holder !== null && polls < PATIENCE; polls++) {
    await sleep(POLL_MS)
    if (holder !== seen) polls = 0
    seen = holder
  }
  holder = me
  try {
    return await work()
  } finally {
    if (holder === me) holder = null
  }
}
