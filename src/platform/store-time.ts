import { AsyncLocalStorage } from 'node:async_hooks'

/** Longest time for one call of a store. */
const CALL_MS = 2_500
/**
 * Longest time that a request waits for stores altogether. What is left of three seconds is for what it
 * computes: comparing a password takes half a second on a slow machine.
 */
const REQUEST_MS = 2_400

/** What one request has waited so far. Calls that are under way together are waited for once. */
interface Spent {
  ms: number
  underWay: number
  since: number
  /** Work after the answer keeps nobody waiting. */
  isAnswered: boolean
}

const spending = new AsyncLocalStorage<Spent | undefined>()

/** Has all store calls that `work` waits for end in time, however many there are, each slow by itself. */
export async function withinStoreTime<Result>(work: () => Promise<Result>): Promise<Result> {
  const spent: Spent = { ms: 0, underWay: 0, since: 0, isAnswered: false }
  try {
    return await spending.run(spent, work)
  } finally {
    spent.isAnswered = true
  }
}

/**
 * Lets `work` take its time, as jobs do, and what nobody waits for though it begins before the answer:
 * only each call by itself has to end.
 */
export function withoutStoreTime<Result>(work: () => Promise<Result>): Promise<Result> {
  return spending.run(undefined, work)
}

/** How long a store call that begins now may take, in milliseconds; at least 1. */
export function storeCallMs(): number {
  const spent = spending.getStore()
  if (!spent || spent.isAnswered) return CALL_MS
  return Math.min(CALL_MS, Math.max(1, REQUEST_MS - waited(spent)))
}

/** Counts the time of a store call. */
export async function storeCall<Result>(call: () => Promise<Result>): Promise<Result> {
  const spent = spending.getStore()
  if (!spent) return call()
  if (spent.underWay++ === 0) spent.since = Date.now()
  try {
    return await call()
  } finally {
    if (spent.underWay === 1) spent.ms = waited(spent)
    spent.underWay--
  }
}

function waited({ ms, underWay, since }: Spent): number {
  return underWay === 0 ? ms : ms + Date.now() - since
}
