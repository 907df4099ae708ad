import type { PoolCopy } from '../pools/pool-copy.ts'
import type { Change, Demand, Thing, Verdict } from './claims.ts'
import type { ClaimEntry } from './run-claim.ts'

/** What this isolate holds of one thing. */
export interface Lease {
  thing: Thing
  /** What Redis has given. */
  granted: number
  /** What calls use, those included that wait for Redis. */
  inUse: number
  /** What those that wait for Redis have asked for. */
  asked: number
  /** What is given back with the next change. */
  owed: number
  /** Until when it may be used without asking. */
  until: number
  /** Until when the owner is let through even without it. */
  openUntil: number
  /** Taken ahead where there is plenty. */
  slice: number
  /** Until when a slice is being asked for: calls that come at once must not take one each. */
  aheadAskedUntil: number
  /** Numbers of the changes under way, and what they give back. */
  underWay: number[]
  owedUnderWay: number
  /** What was left for everybody when Redis was last asked. */
  free: number
  copy: PoolCopy | null
  /** The copy is the thing's own, and no template. */
  isOwn: boolean
}

/** Nothing is held yet. */
export function newLease(thing: Thing): Lease {
  return {
    thing,
    granted: 0,
    inUse: 0,
    asked: 0,
    owed: 0,
    until: 0,
    openUntil: 0,
    slice: 0,
    aheadAskedUntil: 0,
    underWay: [],
    owedUnderWay: 0,
    free: 0,
    copy: null,
    isOwn: false,
  }
}

/**
 * Keeps a copy unless a newer one is known. That Redis has an older one means that it has gone back to
 * what it was some time ago, as a replica is that takes over.
 *
 * @returns false where a newer one is known
 */
export function noteCopy(lease: Lease, copy: PoolCopy, isOwn: boolean): boolean {
  const { copy: known } = lease
  if (known && lease.isOwn && isOwn && known.version > copy.version) return false
  lease.copy = copy
  lease.isOwn = isOwn
  return true
}

/** What is not needed leaves with the next change. */
export function giveBack(lease: Lease, amount: number): void {
  const back = Math.min(Math.max(0, amount), lease.granted)
  lease.granted -= back
  lease.owed += back
}

/** Longer than Redis is waited for: whoever asks may be cancelled in the middle of it. */
const ASKING_MS = 6_000

/** What to ask for beside what is needed, if little is left or on its way; it has to be asked for then. */
export function takeAhead(lease: Lease, now: number): number {
  const spare = lease.granted + lease.asked - lease.inUse
  if (now < lease.aheadAskedUntil || spare >= lease.slice / 2) return 0
  lease.aheadAskedUntil = now + ASKING_MS
  return lease.slice
}

/** Whether the isolate has taken ahead, or is about to, what a refused call would have needed. */
export function mayHaveMissed(
  lease: Lease,
  { thing, free }: Extract<Verdict, { type: 'refused' }>,
  demands: readonly Demand[],
  now: number,
): boolean {
  const needed = demands.find((demand) => demand.thing.key === thing.key)?.amount ?? 0
  const spare = Math.max(0, lease.granted - lease.inUse)
  return (spare > 0 && free + spare >= needed) || lease.aheadAskedUntil > now
}

/**
 * Counts a change as under way, and says what the claim script has to know for it. What is owed leaves
 * with it.
 *
 * @param sequence higher than that of any change that this isolate has made before
 */
export function beginChange(lease: Lease, change: Change, sequence: number): ClaimEntry {
  const { granted, owed } = lease
  lease.underWay.push(sequence)
  lease.owed = 0
  lease.owedUnderWay += owed
  const [floor = sequence] = lease.underWay
  return { change, known: granted + lease.owedUnderWay, floor, sequence, owed }
}

/**
 * Counts it as over: with one stroke, so that whoever looks in between finds the calls that use
 * something, and what was given for them, to agree.
 */
export function endChange(lease: Lease, entry: ClaimEntry, isGranted: boolean): void {
  const { change, sequence, owed } = entry
  lease.underWay = lease.underWay.filter((each) => each !== sequence)
  lease.owedUnderWay -= owed
  lease.asked -= change.take
  if (change.slice > 0) lease.aheadAskedUntil = 0
  if (isGranted) return
  // Of a call that is under way all the same the next change tells.
  if (change.isForced) lease.granted += change.take
  else lease.inUse -= change.use
}
