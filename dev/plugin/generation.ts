import { type Generation, makeUpAnswer, type Part } from './answers.ts'
import type { ChatRequest } from './chat-request.ts'
import type { Armed } from './faults.ts'
import type { Plugin } from './plugin.ts'
import { HUGE_BYTES } from './reply.ts'
import { terminated } from './upstream-failure.ts'

const DEFAULT_MANY_EVENTS = 1_000
const DEFAULT_AFTER_EVENTS = 2

/** Starts the answer to a request: made up, or the forwarding target's. */
export async function generate(
  plugin: Plugin,
  request: ChatRequest,
  armed: Armed | undefined,
): Promise<Generation> {
  if (plugin.upstream) {
    const forwarded = await plugin.upstream.chat(request)
    return { parts: breaking(forwarded.parts, armed), usage: forwarded.usage }
  }
  return { parts: breaking(paced(plugin, request, armed), armed), usage: () => undefined }
}

async function* paced(
  plugin: Plugin,
  request: ChatRequest,
  armed: Armed | undefined,
): AsyncGenerator<Part> {
  const settings = plugin.settings.chat
  let pause = settings.firstEventDelayMs
  for (const part of madeUp(plugin, request, armed)) {
    await plugin.pacer.sleep(pause)
    yield part
    pause = armed?.failure === 'many_events' ? 0 : settings.eventDelayMs
  }
}

function madeUp(plugin: Plugin, request: ChatRequest, armed: Armed | undefined): Part[] {
  const settings = plugin.settings.chat
  switch (armed?.failure) {
    case 'huge':
      return [{ content: 'x'.repeat(armed.sizeBytes ?? HUGE_BYTES) }]
    case 'many_events':
      return makeUpAnswer(
        request,
        { ...settings, events: armed.events ?? DEFAULT_MANY_EVENTS },
        armed.text,
      )
    // Their text is the garbage or the error, not the answer.
    case 'garbage':
    case 'terminated_midway':
      return makeUpAnswer(request, settings, undefined)
    default:
      return makeUpAnswer(request, settings, armed?.text)
  }
}

/** Breaks the answer off where `terminated_midway` wants it. */
async function* breaking(
  parts: AsyncIterable<Part>,
  armed: Armed | undefined,
): AsyncGenerator<Part> {
  if (armed?.failure !== 'terminated_midway') return yield* parts
  let left = armed.afterEvents ?? DEFAULT_AFTER_EVENTS
  for await (const part of parts) {
    if (left <= 0) break
    left -= 1
    yield part
  }
  throw terminated(armed.text)
}
