import type { StreamTranslator } from '../dialects/index.ts'
import type { Outlet } from './outlet.ts'
import type { Source } from './source.ts'
import type { Watchdog } from './watchdog.ts'

/** The parts of one stream that is under way. */
export interface StreamParts {
  translator: StreamTranslator
  outlet: Outlet
  watchdog: Watchdog
}

/** What a stream began with. */
export interface Beginning {
  /** Translated. */
  text: string
  /** As it came. */
  chunks: Uint8Array[]
  /** Whether that was all. */
  isOver: boolean
}

/** Reads until something of the answer is there, or clearly will not be. */
export async function readBeginning(
  source: Source,
  { translator, watchdog }: Omit<StreamParts, 'outlet'>,
): Promise<Beginning> {
  const beginning: Beginning = { text: '', chunks: [], isOver: false }
  while (!translator.hasBegun && !translator.failure && !translator.isDone) {
    const chunk = await source.next()
    if (chunk === null) return { ...beginning, isOver: true }
    watchdog.heard()
    beginning.chunks.push(chunk)
    beginning.text += translator.push(chunk)
  }
  return beginning
}

/**
 * Moves the events of a stream to the client, each through the translator, whatever has arrived
 * at once in one go. Returns when there is nothing more to come; what is then missing, and the end
 * itself, is the caller's to send.
 */
export async function relayEvents(
  source: Source,
  { translator, outlet, watchdog }: StreamParts,
): Promise<void> {
  while (!translator.failure && !translator.isDone && !outlet.isGone) {
    const chunk = await source.next()
    if (chunk === null) return
    watchdog.heard()
    outlet.send(translator.push(chunk))
    if (outlet.isFull) await outlet.settled()
  }
}
