import type { Ctx } from '../context.ts'
import type { CallRecord } from './call-record.ts'
import { signDueMs } from './streams/pass-through.ts'
import { Watchdog } from './streams/watchdog.ts'
import { ClientGone, silent } from './upstream.ts'

/** One exchange with the server behind us: how it is ended from our side, and who watches over it. */
export interface Exchange {
  controller: AbortController
  watchdog: Watchdog
  /** The client went away, or the exchange is over: in both cases nothing may be left behind. */
  end(): void
}

/** A sign of life for whoever waits at the other end. */
interface Quiet {
  lastAt(): number
  run(): void
}

/** Listening for the client costs more than the rest of the watch: calls that are over by then do without. */
const LISTEN_AFTER_MS = 1_000

/**
 * Begins to watch over a call: silence ends it, a client that leaves ends it, and the call's lease
 * is renewed meanwhile.
 *
 * @param clientSignal what fires where the platform notices that the client has gone
 */
export function beginExchange(
  ctx: Ctx,
  call: CallRecord,
  clientSignal: () => AbortSignal,
  quiet?: Quiet,
): Exchange {
  const { config, clock } = ctx
  const controller = new AbortController()
  const leave = () => controller.abort(new ClientGone())
  const startedAt = clock.now()
  let client: AbortSignal | null = null
  const listen = () => {
    client = clientSignal()
    if (client.aborted) leave()
    else client.addEventListener('abort', leave)
  }
  const watchdog = new Watchdog(
    clock,
    {
      firstByteMs: config.UPSTREAM_FIRST_BYTE_SECONDS * 1000,
      idleMs: config.UPSTREAM_IDLE_SECONDS * 1000,
      totalMs: config.UPSTREAM_MAX_SECONDS * 1000,
    },
    {
      onSilence: () => controller.abort(silent()),
      beats: [
        {
          everyMs: LISTEN_AFTER_MS,
          lastAt: () => (client ? Number.POSITIVE_INFINITY : startedAt),
          run: listen,
        },
        { everyMs: call.renewEveryMs, lastAt: call.renewedAt, run: call.renew },
        ...(quiet
          ? [{ everyMs: signDueMs(config.STREAM_KEEPALIVE_SECONDS * 1000), ...quiet }]
          : []),
      ],
    },
  )
  return {
    controller,
    watchdog,
    end() {
      watchdog.stop()
      client?.removeEventListener('abort', leave)
    },
  }
}
