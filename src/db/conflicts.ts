import { systemRandom } from '../platform/random.ts'
import { sleep } from '../platform/timer.ts'

/** Serialization failure and deadlock: PostgreSQL has undone the statement, and asks for it again. */
export const CONFLICTS: readonly string[] = ['40001', '40P01']

const ATTEMPTS = 4
/** The longest pause before the second attempt; it doubles with each. */
const PAUSE_MS = 20

/**
 * Sends what the database was asked for, and again where it ran into somebody else's transaction. What it
 * carried out in part has been undone by then, so that nothing happens twice.
 *
 * @returns the last answer
 */
export async function sendUntilAlone(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await send()
    if (response.ok || attempt === ATTEMPTS || !(await isConflict(response))) return response
    // Whoever met once must not meet again at the same moment.
    await sleep(PAUSE_MS * 2 ** (attempt - 1) * chance())
  }
}

async function isConflict(response: Response): Promise<boolean> {
  if (response.status !== 400) return false
  const answer: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  const { code } = (answer ?? {}) as { code?: unknown }
  return CONFLICTS.includes(String(code))
}

/** Between a half and 1. */
function chance(): number {
  const [byte = 0] = systemRandom.bytes(1)
  return 0.5 + byte / 512
}
