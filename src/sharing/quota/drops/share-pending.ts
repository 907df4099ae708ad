import type { Ctx } from '../../../context.ts'
import { uniqueViolation } from '../../../db/errors.ts'
import { byIndexAlone } from '../../../db/index-plans.ts'
import { modelFacts } from '../../../metering/catalog/index.ts'
import { sleep } from '../../../platform/timer.ts'
import type { Drawing, SettledPool } from '../settlement/drawing-queries.ts'
import { type PendingMeter, readPending } from './past-queries.ts'
import { type Prediction, predict } from './predict.ts'
import { seeCalls } from './see-calls.ts'
import type { Expectation } from './share-out.ts'
import type { Share } from './state.ts'
import { wholeSamples } from './whole-samples.ts'
import { type MeterChange, writeShares } from './write-queries.ts'

type ShareCtx = Pick<Ctx, 'services' | 'config' | 'clock' | 'random' | 'waitUntil'>

/** Of those who share out one account at once, one gets through each time, with what all have brought. */
const ATTEMPTS = 6
const WAIT_MS = 30

/**
 * Shares out what accounts have lost among the calls whose rows wait for it.
 *
 * @param pending as it was read after they were written
 * @param own the rows that have to be shared out; whoever was quicker has taken along what was there
 *   already. Empty: whatever waits
 * @param draw how pools are drawn from; called for each attempt
 * @returns the pools that changed, and whether somebody else may have changed more
 * @throws when the database cannot be reached, or others were quicker each time
 */
export async function sharePending(
  ctx: ShareCtx,
  pending: readonly PendingMeter[],
  own: ReadonlySet<string>,
  draw: () => Drawing,
): Promise<{ pools: SettledPool[]; isOvertaken: boolean }> {
  const { db } = ctx.services
  const cookieIds = pending.map(({ cookieId }) => cookieId)
  let found = pending
  for (let attempt = 1; found.length > 0; attempt++) {
    const changes = await Promise.all(found.map((meter) => changeOf(ctx, meter)))
    try {
      return { pools: await writeShares(db, changes, draw()), isOvertaken: attempt > 1 }
    } catch (error) {
      if (attempt >= ATTEMPTS || !uniqueViolation(error)) throw error
    }
    await sleep(WAIT_MS * attempt * (0.5 + (ctx.random.bytes(1)[0] ?? 0) / 512))
    const [, { rows }] = await db.batch([byIndexAlone(db), readPending(db, cookieIds, [])])
    const isOwn = ({ calls }: PendingMeter) =>
      own.size === 0 || calls.some(({ logId }) => own.has(logId))
    found = rows.filter(isOwn)
  }
  return { pools: [], isOvertaken: pending.length > 0 }
}

async function changeOf(ctx: ShareCtx, pending: PendingMeter): Promise<MeterChange> {
  const { cookieId, meter, calls, state, drops, open, levels, samples } = pending
  const expect = await expectations(ctx, pending, samples ?? [])
  const past = { state, drops: drops ?? [], open: open ?? [], levels: levels ?? [] }
  // Of whom nobody knows what they asked, they asked as much as others do.
  const usual = sumOf(samples, 'tokens') / Math.max(1, sumOf(samples, 'calls'))
  const seen = calls.map((call) =>
    call.isMatched ? call : { ...call, tokens: Math.max(call.tokens, Math.round(usual)) },
  )
  const change = seeCalls(past, seen, expect)
  const before = sharesOf(past.drops, past.open)
  // Drops that were not touched stay as they are.
  const touched = new Set(change.drops.map(({ id }) => id))
  const untouched = past.drops.filter(({ id }) => !touched.has(id))
  const after = sharesOf([...change.drops, ...untouched], change.open)
  return {
    cookieId,
    meter,
    version: (state?.version ?? 0) + 1,
    change,
    written: [...after.values()]
      .filter((share) => !isSame(share, before.get(keyOf(share))))
      .map(({ model: _, ...share }) => ({ ...share, cookieId, meter })),
    gone: [...before.values()]
      .filter((share) => !after.has(keyOf(share)))
      .map(({ logId, dropId }) => ({ logId, dropId })),
  }
}

const sumOf = (samples: PendingMeter['samples'], what: 'calls' | 'tokens') =>
  (samples ?? []).reduce((sum, sample) => sum + sample[what], 0)

type PlacedShare = Share & { dropId: string }

const keyOf = ({ logId, dropId }: { logId: string; dropId: string }) => `${dropId}\n${logId}`

function sharesOf(
  drops: readonly { id: string; shares: Share[] }[],
  open: readonly Share[],
): Map<string, PlacedShare> {
  const placed = [
    ...drops.flatMap(({ id, shares }) => shares.map((share) => ({ ...share, dropId: id }))),
    ...open.map((share) => ({ ...share, dropId: '' })),
  ]
  return new Map(placed.map((share) => [keyOf(share), share]))
}

function isSame(one: PlacedShare, other: PlacedShare | undefined): boolean {
  return (
    other !== undefined &&
    one.part === other.part &&
    one.tokens === other.tokens &&
    one.amount === other.amount
  )
}

/** What is expected of each model that takes part. */
async function expectations(
  ctx: ShareCtx,
  { calls, drops, open }: PendingMeter,
  samples: NonNullable<PendingMeter['samples']>,
): Promise<(model: string) => Expectation> {
  const shares = [...(drops ?? []).flatMap((drop) => drop.shares), ...(open ?? [])]
  const models = new Set([...calls, ...shares].map(({ model }) => model))
  const told = new Map<string, number>()
  for (const model of models) {
    const { requestEstimate } = await modelFacts(ctx, model)
    told.set(model, requestEstimate ?? ctx.config.QUOTA_ESTIMATE)
  }
  const known = wholeSamples(samples)
  const learned = new Map<string, Prediction | null>()
  return (model) => {
    if (!learned.has(model)) learned.set(model, predict(known, model))
    return { learned: learned.get(model) ?? null, perCall: told.get(model) ?? 0 }
  }
}
