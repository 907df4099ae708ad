import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { FACES } from '../../db/schema/index.ts'
import { createSnapshot } from '../../platform/snapshot.ts'
import { listModelRows, type ModelRow } from './queries.ts'

/** An isolate takes its copy as it is for this long, and after that still until a newer one has come. */
const FRESH_MS = 60_000
/** An isolate that has slept longer reads anew before it goes on. */
const STALE_MS = 600_000
/** So long after one attempt to read in the background the next one may begin. */
const ATTEMPT_MS = 5_000
const SNAPSHOT_SECONDS = 3_600

/** The whole catalogue is one small copy. */
const ID = 'models'
const snapshot = createSnapshot(
  'catalog',
  z.array(
    z.object({
      id: z.string(),
      groupName: z.string(),
      weight: z.int(),
      isEnabled: z.boolean(),
      requestEstimate: z.int().nullable(),
      standsFor: z.partialRecord(z.enum(FACES), z.string()).nullable(),
    }),
  ),
  SNAPSHOT_SECONDS,
)

export type CatalogCtx = Pick<Ctx, 'services' | 'clock' | 'waitUntil'>
export type Catalog = ReadonlyMap<string, ModelRow>

interface Held {
  catalog: Catalog
  readAt: number
}

/** This isolate's copy. */
let held: Held | undefined
/** Counts the changes made here: what was read before one of them is not kept. */
let changes = 0
let nextAttemptAt = 0

/** What requests are reading at the moment; a request cannot wait for what another one reads. */
const reading = new WeakMap<CatalogCtx, Promise<Catalog>>()

/**
 * What administrators have said about models. An isolate that knows it asks nobody; one that has
 * never read it, or not for long, asks Redis and then PostgreSQL, once a request. Call it early and
 * without waiting, so that it happens beside other reads.
 */
export function readCatalog(ctx: CatalogCtx): Promise<Catalog> {
  const now = ctx.clock.now()
  const ageMs = held ? now - held.readAt : Number.POSITIVE_INFINITY
  if (held && ageMs < STALE_MS) {
    if (ageMs >= FRESH_MS) readBehind(ctx, now)
    return Promise.resolve(held.catalog)
  }
  const known = reading.get(ctx)
  if (known) return known
  const work = read(ctx).catch((error: unknown) => {
    if (held) return held.catalog
    throw error
  })
  // Whoever began it early may fail before it is awaited.
  work.catch(() => undefined)
  reading.set(ctx, work)
  return work
}

/**
 * Must be called before the catalogue is changed in PostgreSQL; call `forgetCatalogHere` after, for
 * what this isolate read in between. Other isolates follow within a minute.
 */
export async function forgetCatalog(ctx: CatalogCtx): Promise<void> {
  await snapshot.invalidate(ctx.services.redis, ID)
  forgetCatalogHere()
}

/** Drops this isolate's copy. */
export function forgetCatalogHere(): void {
  held = undefined
  changes++
}

/** Nobody waits for it; one attempt at a time. */
function readBehind(ctx: CatalogCtx, now: number): void {
  if (now < nextAttemptAt) return
  nextAttemptAt = now + ATTEMPT_MS
  // A store that is down says so to whoever needs it; here there is a copy to go on with.
  ctx.waitUntil(read(ctx).catch(() => undefined))
}

async function read(ctx: CatalogCtx): Promise<Catalog> {
  const { db, redis } = ctx.services
  const before = changes
  const copy = snapshot.parse(await redis.get<string>(snapshot.key(ID)))
  const rows = copy ?? (await listModelRows(db))
  if (!copy) ctx.waitUntil(snapshot.fill(redis, ID, rows).catch(() => undefined))
  const catalog = new Map(rows.map((row) => [row.id, row]))
  if (changes === before) held = { catalog, readAt: ctx.clock.now() }
  return catalog
}
