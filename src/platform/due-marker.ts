import type { Ctx } from '../context.ts'
import { defineScript } from './script.ts'

/** How often is looked whether Redis knows of something or not. */
const SWEEP_MS = 6 * 3_600_000
/** Longer than the time between two sweeps, which find what was forgotten. */
const KEPT_MS = 86_400_000

/** KEYS due · ARGV when, ttlMs · The earliest moment counts. */
const NOTE = `
local noted = redis.call('GET', KEYS[1])
if not noted or tonumber(noted) > tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 0`

/** KEYS due, swept · ARGV nowMs, sweepMs · 1: look; whatever was due is taken away. */
const TAKE = `
local isSweep = redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2])
local noted = redis.call('GET', KEYS[1])
local isDue = noted and tonumber(noted) <= tonumber(ARGV[1])
if isDue then redis.call('DEL', KEYS[1]) end
if isDue or isSweep then return 1 end
return 0`

const noteScript = defineScript<number>(NOTE)
const takeScript = defineScript<number>(TAKE)

type MarkerCtx = Pick<Ctx, 'services' | 'clock'>

/** What a look at the database has found and done. */
export interface Work {
  /** How many things were changed. */
  changed: number
  /** When there is something to do again; null: nothing is left. */
  nextAt: Date | null
}

/**
 * A note in Redis of when a job has something to do. Cron looks there first, so that an idle
 * deployment does not wake its database every few minutes. What is in PostgreSQL is the truth: a
 * note that says too much costs a look, and one that was lost is made up for by a sweep now and then.
 */
export interface DueMarker {
  /** Says that there is something to do at that moment, or now. */
  note(ctx: MarkerCtx, at?: Date): Promise<void>
  /** The same after the answer has left; Redis being down keeps nobody from their work. */
  noteSoon(ctx: MarkerCtx & Pick<Ctx, 'waitUntil'>, at?: Date): void
  /**
   * Works if something is due, and notes when there is more to do.
   *
   * @returns how many things were changed
   */
  workIfDue(ctx: MarkerCtx, work: () => Promise<Work>): Promise<number>
}

/** @param name of the work, unique among all markers */
export function createDueMarker(name: string): DueMarker {
  const due = `once:${name}-due`
  const swept = `once:${name}-swept`

  const note = async ({ services, clock }: MarkerCtx, at?: Date): Promise<void> => {
    const now = clock.now()
    const when = at?.getTime() ?? now
    await noteScript.run(services.redis, [due], [when, Math.max(when - now, 0) + KEPT_MS])
  }

  return {
    note,
    noteSoon(ctx, at) {
      ctx.waitUntil(note(ctx, at).catch(() => undefined))
    },
    async workIfDue(ctx, work) {
      const { redis } = ctx.services
      const isDue = await takeScript.run(redis, [due, swept], [ctx.clock.now(), SWEEP_MS])
      if (isDue === 0) return 0
      try {
        const { changed, nextAt } = await work()
        if (nextAt) await note(ctx, nextAt)
        return changed
      } catch (error) {
        await note(ctx).catch(() => undefined)
        throw error
      }
    },
  }
}
