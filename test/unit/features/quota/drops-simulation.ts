import { predict } from '../../../../src/sharing/quota/drops/predict.ts'
import { seeCalls } from '../../../../src/sharing/quota/drops/see-calls.ts'
import type { Drop, Past, SeenCall, Share } from '../../../../src/sharing/quota/drops/state.ts'
import { type DropSample, wholeSamples } from '../../../../src/sharing/quota/drops/whole-samples.ts'

/** A day of one account. */
export interface Day {
  /** In which the vendor's meter moves, in 1/10,000. */
  step: number
  seed: number
  calls: number
  /** So many calls run side by side at most. */
  atOnce: number
  /** How often the account is used outside. */
  outside: number
}

export const PEOPLE = ['ann', 'bob', 'cy', 'dee'] as const
type Person = (typeof PEOPLE)[number]

const FULL = 10_000
/** What a token costs, in 1/10,000 of an account. */
const RATE = 0.007
const MODEL = 'model'
/** As many as the ledger looks at. */
const LEARNED_FROM = 100

function chanceOf(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What a ledger knows, which hears of calls one by one or in small heaps, and not always in order. */
export class Accounts {
  past: Past = { state: null, drops: [], open: [], levels: [] }
  readonly drops = new Map<string, Drop>()
  readonly amounts = new Map<string, number>()
  readonly owners = new Map<string, { person: Person; tokens: number }>()
  seen = 0
  usedOutside = 0
  /** What was learned on the days before. */
  readonly #known: readonly DropSample[]

  constructor(known: readonly DropSample[] = []) {
    this.#known = known
  }

  /** What the ledger learns from. */
  get samples(): DropSample[] {
    const own = [...this.drops.values()]
      .toSorted((one, other) => other.endedAt - one.endedAt)
      .filter(({ shares }) => shares.length > 0)
      .map(({ lost, shares }) => ({
        cookieId: 'account',
        model: MODEL,
        lost,
        calls: sum(shares, 'part'),
        tokens: sum(shares, 'tokens'),
      }))
    return [...own, ...this.#known].slice(0, LEARNED_FROM)
  }

  hear(calls: SeenCall[]): void {
    const learned = predict(wholeSamples(this.samples), MODEL)
    const change = seeCalls({ ...this.past, drops: [...this.drops.values()] }, calls, () => ({
      learned,
      perCall: 100,
    }))
    for (const drop of change.drops) this.drops.set(drop.id, drop)
    for (const [logId, amount] of change.changes) {
      this.amounts.set(logId, (this.amounts.get(logId) ?? 0) + amount)
    }
    this.past = {
      state: change.state,
      drops: [],
      open: change.open,
      levels: [
        ...this.past.levels,
        ...calls.map(({ endedAt, after }) => ({ at: endedAt, left: after })),
      ],
    }
  }

  billOf(person: Person): number {
    let bill = 0
    for (const [logId, amount] of this.amounts) {
      if (this.owners.get(logId)?.person === person) bill += amount
    }
    return bill
  }

  costOf(person: Person): number {
    let tokens = 0
    for (const each of this.owners.values()) if (each.person === person) tokens += each.tokens
    return tokens * RATE
  }

  get outside(): number {
    return [...this.drops.values()].reduce((total, drop) => total + drop.outside, 0)
  }

  /** Throws where what was charged and what was used outside is not what was lost. */
  close(): void {
    const charged = [...this.amounts.values()].reduce((total, amount) => total + amount, 0)
    const lost = [...this.drops.values()].reduce((total, drop) => total + drop.lost, 0)
    if (charged + this.outside !== lost) {
      throw new Error(`${charged} charged and ${this.outside} outside for ${lost}`)
    }
    for (const { outside, shares } of this.drops.values()) {
      if (outside < 0 || shares.some(({ amount }) => amount < 0)) throw new Error('below nothing')
    }
  }
}

/**
 * Lives through a day.
 *
 * @param known what the ledger has learned before
 */
export function liveThrough(day: Day, known: readonly DropSample[] = []): Accounts {
  const { step, seed, calls, atOnce, outside } = day
  const chance = chanceOf(seed)
  const accounts = new Accounts(known)
  let left = FULL
  let now = 0
  const running: { call: SeenCall; person: Person; ends: number }[] = []
  /** What is under way has used its part by now. */
  const shown = () => {
    const used = running.reduce((total, { call, ends }) => {
      const done = Math.min(1, (now - call.startedAt) / (ends - call.startedAt))
      return total + done * call.tokens * RATE
    }, 0)
    return Math.max(0, Math.min(FULL, Math.ceil((left - used) / step - 1e-9) * step))
  }
  let stored = FULL
  const outsideAt = new Set(Array.from({ length: outside }, () => Math.floor(chance() * calls)))
  let heap: SeenCall[] = []
  const end = () => {
    const next = running.toSorted((one, other) => one.ends - other.ends)[0]
    if (!next) return
    running.splice(running.indexOf(next), 1)
    now = Math.max(now, next.ends)
    left -= next.call.tokens * RATE
    stored = shown()
    const call = { ...next.call, endedAt: now, after: stored }
    accounts.owners.set(call.logId, { person: next.person, tokens: call.tokens })
    heap.push(call)
    if (heap.length > chance() * 3) {
      accounts.hear(heap.toReversed())
      heap = []
    }
  }
  for (let at = 0; at < calls; at++) {
    now += chance() * 2_000
    while (running.some(({ ends }) => ends <= now) || running.length >= atOnce) end()
    if (outsideAt.has(at) && running.length === 0) {
      const used = 100 + chance() * 300
      left -= used
      accounts.usedOutside += used
    }
    // The quota comes back in the middle of the day.
    if (left < FULL / 10 && running.length === 0) {
      left = FULL
      stored = FULL
    }
    const person = PEOPLE[Math.floor(chance() * PEOPLE.length)] ?? 'ann'
    const tokens = Math.ceil(1_000 + chance() ** 2 * 15_000)
    const lasts = 500 + tokens / 4
    const call = {
      logId: `call-${String(at).padStart(4, '0')}`,
      model: MODEL,
      startedAt: now,
      endedAt: 0,
      before: stored,
      after: 0,
      tokens,
      isTimed: true,
      isKnown: false,
    }
    running.push({ call, person, ends: now + lasts })
  }
  while (running.length > 0) end()
  if (heap.length > 0) accounts.hear(heap)
  return accounts
}

/**
 * Four times twelve calls at once, each of which uses the same at its beginning, as the stand-in has it;
 * their rows are heard of a little later, not in order.
 */
export function atOnceOver(seed: number): Accounts {
  const chance = chanceOf(seed)
  const accounts = new Accounts()
  const heard: { at: number; call: SeenCall }[] = []
  let [left, stored] = [FULL, FULL]
  for (let round = 0; round < 4; round++) {
    const calls = Array.from({ length: 12 }, (_, at): SeenCall => {
      const startedAt = round * 400 + chance() * 60
      const endedAt = startedAt + 20 + chance() * 100
      const named = { logId: `${round}-${at}`, model: MODEL, isTimed: true, isKnown: false }
      return { ...named, startedAt, endedAt, before: 0, after: 0, tokens: 6 + (at % 4) * 20 }
    })
    const moments = calls.flatMap((call) => [
      { at: call.startedAt, call, isEnd: false },
      { at: call.endedAt, call, isEnd: true },
    ])
    for (const { call, isEnd } of moments.toSorted((one, other) => one.at - other.at)) {
      if (isEnd) stored = call.after = left
      else [call.before, left] = [stored, left - 40]
    }
    // What was measured of their beginning is a little too late.
    for (const call of calls) call.startedAt += chance() * 5
    heard.push(...calls.map((call) => ({ call, at: call.endedAt + chance() * 150 })))
  }
  const queue = heard.toSorted((one, other) => one.at - other.at).map(({ call }) => call)
  while (queue.length > 0) accounts.hear(queue.splice(0, 1 + Math.floor(chance() * 4)))
  return accounts
}

function sum(shares: readonly Share[], what: 'part' | 'tokens'): number {
  return shares.reduce((total, share) => total + share[what], 0)
}
