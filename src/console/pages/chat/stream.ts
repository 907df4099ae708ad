import { createParser } from 'eventsource-parser'
import { Failure, failureOf } from '../../lib/failure.ts'
import { accessToken, renew } from '../../lib/session.ts'

export interface Message {
  role: 'user' | 'assistant'
  text: string
  /** Of a picture: a `data:` URL. */
  picture?: string
}

interface Chunk {
  choices?: { delta?: { content?: string | null } }[]
  error?: { message: string; code?: string | null }
}

interface StreamEvents {
  /** Told as soon as the answer begins. */
  onRequestId: (id: string) => void
  onText: (piece: string) => void
}

/**
 * Asks a model as any client does, and reads the answer as it comes.
 *
 * @throws {Failure} when it is refused, or breaks off in the middle
 */
export async function streamChat(
  model: string,
  messages: readonly Message[],
  signal: AbortSignal,
  { onRequestId, onText }: StreamEvents,
): Promise<void> {
  const ask = (token: string) =>
    fetch('/v1/chat/completions', {
      method: 'POST',
      signal,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream: true, messages: messages.map(toOpenAI) }),
    })
  const token = await accessToken()
  let response = await ask(token)
  if (response.status === 401) response = await ask(await renew(token))
  onRequestId(response.headers.get('x-request-id') ?? '')
  if (!response.ok || !response.body)
    throw failureOf(response, await response.json().catch(() => null))

  let broken: Failure | undefined
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return
      const chunk = JSON.parse(data) as Chunk
      if (chunk.error)
        broken = new Failure(502, chunk.error.code ?? 'upstream_error', chunk.error.message)
      const piece = chunk.choices?.[0]?.delta?.content
      if (piece) onText(piece)
    },
  })
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read())
    parser.feed(decoder.decode(part.value, { stream: true }))
  if (broken) throw broken
}

function toOpenAI({ role, text, picture }: Message) {
  if (picture === undefined) return { role, content: text }
  return {
    role,
    content: [
      ...(text ? [{ type: 'text', text }] : []),
      { type: 'image_url', image_url: { url: picture } },
    ],
  }
}
