import type { Clock } from '../../platform/clock.ts'
import { Collector } from './collector.ts'
import { EventEdges } from './event-edges.ts'
import type { StreamParts } from './parts.ts'
import type { Source } from './source.ts'

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
  const edges = new EventEdges()
  while (!translator.hasBegun && !translator.failure && !translator.isDone) {
    const chunk = await source.next()
    if (chunk === null) return { ...beginning, isOver: true }
    // Comments show that the server lives, and nothing of the model.
    if (edges.push(chunk)) watchdog.heard()
    beginning.chunks.push(chunk)
    beginning.text += translator.push(chunk)
  }
  return beginning
}

/**
 * Moves the events of a stream to the client, each through the translator, whatever has arrived
 * meanwhile in one go. Returns when there is nothing more to come; what is then missing, and the end
 * itself, is the caller's to send.
 */
export async function relayEvents(source: Source, parts: StreamParts, clock: Clock): Promise<void> {
  const collector = new Collector(parts, clock)
  await Promise.race([collector.over, collectAll(source, parts, collector)])
  collector.stop()
}

async function collectAll(
  source: Source,
  { outlet, watchdog }: StreamParts,
  collector: Collector,
): Promise<void> {
  const edges = new EventEdges()
  while (!collector.isOver) {
    const chunk = await source.next()
    if (chunk === null) return collector.pass()
    const isMore = edges.push(chunk)
    if (isMore) watchdog.heard()
    collector.add(chunk, isMore)
    if (outlet.isFull) await outlet.settled()
  }
}
