import { type Ctx, requirePerson } from '../../../context.ts'
import { sleep, within } from '../../../platform/timer.ts'
import { callAsPerson, lockAccountsOf } from '../../plugin/index.ts'
import type { Thing } from '../claims/claims.ts'
import { askOwn } from '../own/ask-own.ts'
import { noteOwn } from '../own/note-own.ts'
import { ListedAccounts } from '../pools/listed-accounts.ts'
import { noteAccounts } from '../pools/note-accounts.ts'

/** How long what was seen is believed; so often may a refusal make the plug-in be asked. */
const SEEN_MS = 10_000
const MAX_SEEN = 10_000

/** How long a refusal waits for the plug-in at most: after that it goes by the books. */
const WAIT_MS = 3_000
const LOOK_MS = 25

interface Look {
  at: number
  isOver: boolean
  /** Nobody waits for it any more. */
  isLate: boolean
}

/** When this isolate last looked, by person. */
const looks = new Map<number, Look>()

/**
 * Compares the ledger with the plug-in before anybody is refused: an account may have been added, or
 * have been disabled by the plug-in itself, without anybody telling us.
 *
 * @param refused only a pool depends on accounts
 * @returns whether it is worth another try
 */
export async function refreshAccounts(ctx: Ctx, refused: Thing): Promise<boolean> {
  if (!ctx.services.plugin || !refused.templateKey) return false
  const { userId } = requirePerson(ctx)
  const now = ctx.clock.now()
  const last = looks.get(userId)
  if (last && now - last.at < SEEN_MS) return waitFor(last)
  if (looks.size >= MAX_SEEN) looks.clear()
  const look: Look = { at: now, isOver: false, isLate: false }
  looks.set(userId, look)
  const telling = tellAlone(ctx, userId)
    .catch((error: unknown) => {
      looks.delete(userId)
      throw error
    })
    .finally(() => {
      look.isOver = true
    })
  // Whoever is not waited for any more has a lock to give back.
  ctx.waitUntil(telling.catch(() => undefined))
  look.isLate = (await within(WAIT_MS, telling, 'late')) === 'late'
  return !look.isLate
}

/** A list that was read before a change must not be told after it; whoever changes them tells it themselves. */
async function tellAlone(ctx: Ctx, userId: number): Promise<void> {
  const lock = await lockAccountsOf(ctx, userId, WAIT_MS)
  if (!lock) return
  try {
    const request = { method: 'GET', path: '/api/accounts' } as const
    const accounts = await callAsPerson(ctx, request, ListedAccounts)
    await noteAccounts(ctx, userId, accounts)
    const spent = await askOwn(ctx, accounts)
    if (spent) await noteOwn(ctx, userId, spent)
  } finally {
    await lock.release()
  }
}

/** @returns whether what was asked for came meanwhile; what was there before has been tried */
async function waitFor(look: Look): Promise<boolean> {
  if (look.isOver || look.isLate) return false
  for (let waited = 0; !look.isOver && waited < WAIT_MS; waited += LOOK_MS) await sleep(LOOK_MS)
  return look.isOver
}
