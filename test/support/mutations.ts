/** Damages valid requests at random, and always in the same way. */

/** Deterministic noise (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const JUNK: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  'x',
  '\u0000',
  '\ud800',
  '错误',
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  '__proto__',
  'a'.repeat(300),
  { valueOf: 1 },
  { length: -1 },
  Number.MAX_SAFE_INTEGER,
]

/** A valid body (an object) with one to three things replaced, removed, added, or with its text damaged. */
export function mutate(valid: object, random: () => number): string {
  const body = structuredClone(valid) as unknown
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  // A copy: what is put in may be damaged in its turn.
  const junk = () => structuredClone(pick(JUNK))
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    let parent = body as Record<string, unknown>
    for (;;) {
      const key = pick(Object.keys(parent))
      if (key === undefined) break
      const child = parent[key]
      if (typeof child === 'object' && child !== null && random() < 0.7) {
        parent = child as Record<string, unknown>
        continue
      }
      const action = random()
      if (action < 0.6) parent[key] = junk()
      else if (action < 0.8) delete parent[key]
      else parent[JSON.stringify(pick(JUNK))] = junk()
      break
    }
  }
  const text = JSON.stringify(body)
  if (random() > 0.1) return text
  const at = Math.floor(random() * text.length)
  return random() < 0.5
    ? text.slice(0, at)
    : text.slice(0, at) + pick(['}', '"', '\\', ',', '\u0001']) + text.slice(at)
}
