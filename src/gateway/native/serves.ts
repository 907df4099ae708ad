import type { NativeCallName } from '../../config.ts'
import type { Ctx } from '../../context.ts'
import { startTimer } from '../../platform/timer.ts'
import { callUpstream, silent } from '../upstream.ts'
import type { NativeCall } from './calls.ts'

/** A server that has a call says what is wrong with an empty one. */
const IS_THERE: readonly number[] = [400, 422]
const IS_NOT_THERE: readonly number[] = [404, 405, 501]
const PATIENCE_MS = 3_000
const KNOWN_MS = 3_600_000
/** A server that was ill when it was asked is asked again. */
const DOUBTFUL_MS = 60_000

/** What this isolate has found out, by address. */
const found = new Map<string, { serves: boolean; until: number }>()

/**
 * Whether the server answers a call itself: as it is configured, else as it answers an empty request,
 * which costs nothing. Only the first calls of an isolate wait for that.
 */
export async function servesItself(ctx: Ctx, { path, name }: NativeCall): Promise<boolean> {
  const { config, clock } = ctx
  if (config.PLUGIN_API_DIALECT !== 'openai') return false
  const told = toldOf(ctx, name)
  if (told !== undefined) return told
  const key = `${config.PLUGIN_API_BASE_URL} ${path}`
  const known = found.get(key)
  if (known && known.until > clock.now()) return known.serves
  const status = await probe(ctx, path)
  const serves = IS_THERE.includes(status)
  const isSure = serves || IS_NOT_THERE.includes(status)
  found.set(key, { serves, until: clock.now() + (isSure ? KNOWN_MS : DOUBTFUL_MS) })
  return serves
}

/** What the operator says; undefined where nothing is said. */
export function toldOf({ config }: Ctx, name: NativeCallName): boolean | undefined {
  return config.UPSTREAM_SERVES?.includes(name)
}

/** @returns 0 where nothing came */
async function probe(ctx: Ctx, path: string): Promise<number> {
  const controller = new AbortController()
  const timer = startTimer(PATIENCE_MS, () => controller.abort(silent()))
  try {
    const answer = await callUpstream(ctx, {
      method: 'POST',
      path,
      accept: 'application/json',
      body: new TextEncoder().encode('{}') as Uint8Array<ArrayBuffer>,
      signal: controller.signal,
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return 0
  } finally {
    timer.cancel()
  }
}
