import { toOpenAIError } from '../../errors.ts'
import type { StreamTranslator } from './dialects/dialect.ts'
import { SseReader, sseEvent } from './sse.ts'

/** How a stream ended: all sent, or the client went away before. */
export type StreamEnd = 'complete' | 'client_gone'

interface PumpEvents {
  onFirstByte(): void
  onClientGone(): void
}

/**
 * Moves events from the plug-in to the client as they arrive: whatever one chunk completes leaves
 * in one write. A failure becomes an error event, after which the stream ends without `[DONE]`, so
 * that SDKs raise it.
 */
export function pumpEvents(
  source: ReadableStream<Uint8Array>,
  translator: StreamTranslator,
  on: PumpEvents,
): { readable: ReadableStream<Uint8Array>; done: Promise<StreamEnd> } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  return { readable, done: pump(source, writable, translator, on) }
}

async function pump(
  source: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  translator: StreamTranslator,
  on: PumpEvents,
): Promise<StreamEnd> {
  const reader = source.getReader()
  const writer = writable.getWriter()
  const sse = new SseReader()
  const encoder = new TextEncoder()

  const send = async (events: string[]) => {
    if (events.length === 0) return
    on.onFirstByte()
    await writer.write(encoder.encode(events.map(sseEvent).join('')))
  }

  try {
    for (let isEnded = false; !isEnded; ) {
      const bytes = await readChunk(reader)
      const data = bytes ? sse.push(bytes) : sse.end()
      const events = data
        .filter((item) => item !== '[DONE]')
        .flatMap((item) => translator.event(item))
      isEnded = bytes === null || data.includes('[DONE]') || translator.failure !== null
      if (isEnded) events.push(...translator.end())
      if (translator.failure) events.push(JSON.stringify(toOpenAIError(translator.failure)))
      await send(events)
    }
    await writer.close()
    return 'complete'
  } catch {
    // Writing fails only when nobody reads any more.
    on.onClientGone()
    return 'client_gone'
  } finally {
    reader.cancel().catch(() => undefined)
  }
}

/** The next bytes, or null at the end. A connection that breaks is an end too: the translator knows what is missing. */
async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | null> {
  try {
    const { done, value } = await reader.read()
    return done ? null : value
  } catch {
    return null
  }
}
