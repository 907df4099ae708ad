import { type Expectation, shareOut } from './share-out.ts'
import type { Change, Drop, MeterState, Past, SeenCall, Share } from './state.ts'

/**
 * Clocks and networks are not exact: an overlap of less of a call than this is none, unless the call
 * itself has seen that something was lost.
 */
const MIN_OVERLAP = 0.02
/**
 * So long before a call seems to have begun the plug-in may have looked at what was left, and so long before
 * it has written a row: what was left at some moment of that time is no sign of a new period.
 */
export const SLACK_MS = 10_000
/** So long what was taken for outside use is looked at again: more calls, and better prices, may tell by then. */
export const DOUBTED_MS = 600_000
/** What a call shows within this part of its length after another loss was seen is not told from that. */
const AT_ONCE = 0.1

/**
 * Takes calls into account that were not yet. What an account is seen to lose was caused by all calls
 * on it since it was last seen to lose something, those under way included: the vendor's meter may
 * move in steps, and calls run side by side. A call that ran through several drops has a part in each,
 * by time. Whoever is heard of late joins the drops of their time, which are shared out anew.
 *
 * A new period begins where more is left than before: what was lost since counts from there.
 *
 * @param past as it was read; not changed
 * @param calls in any order
 */
export function seeCalls(
  past: Past,
  calls: readonly SeenCall[],
  expect: (model: string) => Expectation,
): Change {
  const account = new Account(past)
  const sorted = calls.toSorted((one, other) =>
    one.endedAt === other.endedAt
      ? one.logId < other.logId
        ? -1
        : 1
      : one.endedAt - other.endedAt,
  )
  for (const call of sorted) account.see(call)
  return account.change(expect)
}

class Account {
  readonly #drops: Drop[]
  readonly #levels: { at: number; left: number }[]
  readonly #touched = new Set<Drop>()
  readonly #changes = new Map<string, number>()
  #open: Share[]
  #state: MeterState | null

  constructor(past: Past) {
    this.#state = past.state && { ...past.state }
    this.#drops = past.drops.map((drop) => ({ ...drop, shares: [...drop.shares] }))
    this.#open = [...past.open]
    this.#levels = past.levels.toSorted((one, other) => one.at - other.at)
  }

  see(call: SeenCall): void {
    this.#changes.set(call.logId, 0)
    // Of the first call, even if it is not known how long it was, the loss is yet to be seen.
    const since = Math.min(call.startedAt, call.endedAt - 1)
    const state = this.#state ?? {
      level: call.before,
      top: call.before,
      topAt: since,
      since: 0,
      openSince: since,
      lastEndedAt: since,
    }
    this.#state = state
    if (call.isKnown) this.#forget(call.logId)
    // Its loss has been seen already, with those that ended after it.
    if (call.endedAt <= state.openSince) this.#seeLate(call, state)
    else if (call.isKnown) this.#wait(call, state)
    else this.#seeNew(call, state)
  }

  #seeLate(call: SeenCall, state: MeterState): void {
    if (!call.isKnown) this.#seeTop(call, state)
    this.#join(call)
    if (call.isKnown || call.startedAt < state.since || call.after >= state.level) return
    // Less was left than those have shown who ended after it.
    const lost = state.level - call.after
    const own = this.#drops.findLast(({ shares }) =>
      shares.some(({ logId }) => logId === call.logId),
    )
    if (own) own.lost += lost
    this.#touched.add(own ?? this.#drop(call.logId, call.startedAt, call.endedAt, lost))
    state.level = call.after
  }

  #seeNew(call: SeenCall, state: MeterState): void {
    this.#beginPeriod(call, state)
    this.#seeTop(call, state)
    this.#seeBeginning(call, state)
    if (call.after < state.level) {
      this.#seeLoss(call, state)
      Object.assign(state, { level: call.after, openSince: call.endedAt })
    } else {
      this.#wait(call, state)
    }
    state.lastEndedAt = Math.max(state.lastEndedAt, call.endedAt)
    this.#levels.push({ at: call.endedAt, left: call.after })
  }

  change(expect: (model: string) => Expectation): Change {
    const nothing = { level: 0, top: 0, topAt: 0, since: 0, openSince: 0, lastEndedAt: 0 }
    const state = this.#state ?? nothing
    for (const drop of this.#drops) {
      const isDoubted = drop.outside > 0 && drop.endedAt > state.lastEndedAt - DOUBTED_MS
      if (isDoubted) this.#touched.add(drop)
    }
    const drops = [...this.#touched].map((drop) => {
      const { shares, outside } = shareOut(drop.lost, drop.shares, expect)
      for (const [at, { logId, amount }] of shares.entries()) {
        this.#add(logId, amount - (drop.shares[at]?.amount ?? 0))
      }
      return { ...drop, shares, outside }
    })
    return { state, drops, open: this.#open, changes: this.#changes }
  }

  /** More is left than was: only calls that have begun since then have caused what is missing of it. */
  #beginPeriod(call: SeenCall, state: MeterState): void {
    const hasRisen =
      call.after > call.before ||
      call.after > this.#levelAt(call.endedAt - SLACK_MS, state) ||
      (call.isTimed && call.before > this.#levelAt(call.startedAt - SLACK_MS, state))
    const level = Math.max(call.after, call.before)
    if (!hasRisen || level <= state.level) return
    this.#open = []
    const from = Math.max(state.openSince, call.startedAt)
    Object.assign(state, {
      level,
      top: level,
      topAt: call.startedAt,
      since: state.lastEndedAt,
      openSince: Math.min(from, call.endedAt),
    })
  }

  /** More was left to it than to those who are known: what these did not show was lost before they began. */
  #seeTop(call: SeenCall, state: MeterState): void {
    const lost = call.before - state.top
    if (lost <= 0 || call.startedAt < state.since) return
    if (state.level === state.top) {
      state.level = call.before
    } else {
      const endedAt = call.startedAt < state.topAt ? state.topAt : call.endedAt
      const { startedAt } = call
      this.#put({ id: `${call.logId}^`, startedAt, endedAt, lost, outside: 0, shares: [] })
    }
    Object.assign(state, { top: call.before, topAt: Math.min(state.topAt, call.startedAt) })
  }

  /** What is missing before it began was used by those of before, or outside. */
  #seeBeginning(call: SeenCall, state: MeterState): void {
    if (!call.isTimed || call.startedAt < state.lastEndedAt || call.before >= state.level) return
    this.#drop(`${call.logId}<`, state.openSince, call.startedAt, state.level - call.before)
    Object.assign(state, { level: call.before, openSince: call.startedAt })
  }

  /** More is missing at its end. What shows that soon after the last drop was one with it. */
  #seeLoss(call: SeenCall, state: MeterState): void {
    const lost = state.level - call.after
    const last = this.#last(state)
    const isAtOnce = call.endedAt - state.openSince < AT_ONCE * (call.endedAt - call.startedAt)
    if (!last || !isAtOnce) {
      this.#drop(call.logId, state.openSince, call.endedAt, lost)
    } else {
      last.lost += lost
      last.endedAt = call.endedAt
      last.shares.push(...this.#open)
      this.#open = []
      this.#touched.add(last)
    }
    this.#join(call)
  }

  /** The drop with which the open time begins. */
  #last({ openSince }: MeterState): Drop | undefined {
    return this.#drops.find(({ endedAt }) => endedAt === openSince)
  }

  /** What was left at a moment, as far as an ended call has shown it. */
  #levelAt(moment: number, state: MeterState): number {
    const known = this.#levels.findLast(({ at }) => at <= moment)
    if (known) return known.left
    return state.lastEndedAt <= moment ? state.level : Number.POSITIVE_INFINITY
  }

  #drop(id: string, startedAt: number, endedAt: number, lost: number): Drop {
    const drop: Drop = { id, startedAt, endedAt, lost, outside: 0, shares: [] }
    // Calls that wait have cost nothing so far.
    drop.shares = this.#open.map((share) => ({ ...share, amount: 0 }))
    this.#open = []
    return this.#put(drop)
  }

  #put(drop: Drop): Drop {
    this.#drops.push(drop)
    this.#touched.add(drop)
    return drop
  }

  /** Takes part in the drops of its time, in each by how long. */
  #join(call: SeenCall): void {
    const overlaps = this.#drops
      .map((drop) => ({ drop, ms: overlapOf(call, drop) }))
      .filter(({ ms }) => isOverlap(call, ms))
    const sum = overlaps.reduce((total, { ms }) => total + ms, 0)
    for (const { drop, ms } of overlaps) this.#addShare(drop, call, ms / sum)
    if (overlaps.length > 0) return
    const next = this.#drops
      .filter(({ endedAt }) => endedAt >= call.endedAt)
      .toSorted((one, other) => one.endedAt - other.endedAt)[0]
    if (next) this.#addShare(next, call, 1)
    else this.#open.push(shareOf(call, 1))
  }

  /** It shows no loss: either that was seen before it ended, or it is yet to show. */
  #wait(call: SeenCall, state: MeterState): void {
    const before = Math.min(state.openSince, call.endedAt) - call.startedAt
    const last = this.#last(state)
    if (last && isOverlap(call, before)) this.#join(call)
    else this.#open.push(shareOf(call, 1))
  }

  #addShare(drop: Drop, call: SeenCall, part: number): void {
    drop.shares.push(shareOf(call, part))
    this.#touched.add(drop)
  }

  /** Takes a call out of where it is, since more is known of it now. */
  #forget(logId: string): void {
    this.#open = this.#open.filter((share) => share.logId !== logId)
    for (const drop of this.#drops) {
      const own = drop.shares.find((share) => share.logId === logId)
      if (!own) continue
      drop.shares = drop.shares.filter((share) => share !== own)
      this.#touched.add(drop)
      this.#add(logId, -own.amount)
    }
  }

  #add(logId: string, amount: number): void {
    this.#changes.set(logId, (this.#changes.get(logId) ?? 0) + amount)
  }
}

const shareOf = ({ logId, model, tokens }: SeenCall, part: number): Share => ({
  logId,
  model,
  part,
  tokens: tokens * part,
  amount: 0,
})

function isOverlap({ startedAt, endedAt, before, after }: SeenCall, ms: number): boolean {
  return ms > 0 && (before > after || ms / (endedAt - startedAt) >= MIN_OVERLAP)
}

function overlapOf(call: SeenCall, drop: Drop): number {
  return Math.min(call.endedAt, drop.endedAt) - Math.max(call.startedAt, drop.startedAt)
}
