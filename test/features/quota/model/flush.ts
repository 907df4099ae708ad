/** Deletes keys; returns what isolates held of pools: keys, fields and values in turn. */
export const FLUSH = `
local held = {}
for _, key in ipairs(KEYS) do
  if string.sub(key, 1, 5) == 'pool:' then
    local all = redis.call('HGETALL', key)
    for f = 1, #all, 2 do
      if string.sub(all[f], 1, 2) == 'c:' then
        held[#held + 1] = key
        held[#held + 1] = all[f + 1]
      end
    end
  end
  redis.call('DEL', key)
end
return held`

/** Who is signed in. */
const SESSION = /^(session|user-sessions|session-generation):/

/** What is to be deleted: all that is there, and pools even if they are only now coming into being. */
export function forgettable(
  keys: readonly string[],
  userIds: readonly number[],
  groups: readonly string[],
): string[] {
  const pools = userIds.flatMap((id) => [
    `pool:${id}`,
    ...groups.map((group) => `pool:${id}:${group}`),
  ])
  return [...new Set([...pools, ...keys.filter((key) => !SESSION.test(key))])]
}

/** Redis has forgotten everything, at some moment in between. */
export interface Flush {
  from: number
  until: number
  /** What each isolate had been given of a pool, by its key. */
  held: Map<string, number[]>
}

/** @param flat what `FLUSH` has returned */
export function toFlush(flat: readonly string[], from: number): Flush {
  const held = new Map<string, number[]>()
  for (let at = 0; at < flat.length; at += 2) {
    const [key = '', claim = ''] = flat.slice(at, at + 2)
    const [amount = 0, until = 0] = claim.split(':').map(Number)
    if (until > from && amount > 0) held.set(key, [...(held.get(key) ?? []), amount])
  }
  return { from, until: Date.now(), held }
}

/**
 * What isolates can let through of a pool together beyond what it holds, after Redis has forgotten
 * what they had been given: whoever asks first is given no more than there is, with what it still
 * holds; only the others' is unknown.
 *
 * @param isolates how many serve the calls
 */
export function unknownAfter({ held }: Flush, key: string, isolates: number): number {
  const amounts = held.get(key) ?? []
  const least = amounts.length < isolates ? 0 : Math.min(...amounts)
  return isolates < 2 ? 0 : amounts.reduce((sum, amount) => sum + amount, 0) - least
}

/** What isolates had been given when Redis forgot it: of one isolate, which may be any of them. */
export function heldAt({ held }: Flush, key: string, isolates: number): number {
  const amounts = held.get(key) ?? []
  return isolates < 2 ? Math.max(0, ...amounts) : amounts.reduce((sum, each) => sum + each, 0)
}
