import { isObject } from '../dialects/fields.ts'
import { estimateTokens } from '../estimate.ts'

/** A picture counts as much as its usual tiles, whatever its bytes. */
const PICTURE_TOKENS = 1_000

const encoder = new TextEncoder()

/**
 * Tokens of whatever a model reads of a request: the texts in it, and the names of fields where they
 * are part of it, as in a tool's schema.
 */
export function estimateJson(value: unknown): number {
  let pictures = 0
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (isObject(each) && (each.type === 'image_url' || each.type === 'file')) {
      pictures++
      return undefined
    }
    return each
  })
  return estimateTokens(encoder.encode(text).byteLength) + pictures * PICTURE_TOKENS
}
