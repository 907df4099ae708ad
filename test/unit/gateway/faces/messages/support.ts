import { expect } from 'vitest'
import { MessageEvent } from '../../../../support/vendor-schemas.ts'
import type { SseEvent } from '../support.ts'

export const user = (content: unknown) => ({ role: 'user', content })

/** Puts a message together as Anthropic's SDK does, and fails where it would. */
export function accumulate(events: readonly SseEvent[]) {
  const content: Record<string, unknown>[] = []
  let open: number | null = null
  expect(events[0]?.name).toBe('message_start')
  for (const { name, data } of events.slice(1)) {
    expect(data.type).toBe(name)
    MessageEvent.parse(data)
    if (name === 'content_block_start') {
      expect(open).toBeNull()
      expect(data.index).toBe(content.length)
      open = data.index as number
      content.push({ ...(data.content_block as object), json: '' })
    } else if (name === 'content_block_delta') {
      expect(data.index).toBe(open)
      const delta = data.delta as Record<string, string>
      const block = content.at(-1) ?? {}
      if (delta.type === 'text_delta') block.text += delta.text ?? ''
      else if (delta.type === 'thinking_delta') block.thinking += delta.thinking ?? ''
      else if (delta.type === 'signature_delta') block.signature = delta.signature
      else if (delta.type === 'input_json_delta') block.json += delta.partial_json ?? ''
      else expect.fail(delta.type)
    } else if (name === 'content_block_stop') {
      expect(data.index).toBe(open)
      open = null
    }
  }
  expect(open).toBeNull()
  expect(events.slice(-2).map(({ name }) => name)).toEqual(['message_delta', 'message_stop'])
  return {
    content: content.map(({ json, ...block }) =>
      block.type === 'tool_use' ? { ...block, input: JSON.parse((json as string) || '{}') } : block,
    ),
    ...(events.at(-2)?.data.delta as object),
    usage: events.at(-2)?.data.usage,
  }
}
