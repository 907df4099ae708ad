import { parseJson } from '../../platform/json.ts'
import { isObject } from '../dialects/fields.ts'
import { decodeText, encodeText } from './base64url.ts'

/** Marks what this gateway has written into a place that the vendor keeps for its own seal. */
const OURS = 'sa1.'

/** What travels with a client in the place of a vendor's seal. */
export interface Sealed {
  /** Signatures of thoughts, by the client's id of the tool call that follows. */
  signatures: Record<string, string>
  /** The thought itself, where the client is not shown it. */
  text?: string
}

export function writeSealed({ signatures, text }: Sealed): string {
  const has = Object.keys(signatures).length > 0
  return (
    OURS + encodeText(JSON.stringify({ ...(has && { s: signatures }), ...(text && { t: text }) }))
  )
}

/** @returns null for a seal that is not ours */
export function readSealed(value: unknown): Sealed | null {
  if (typeof value !== 'string' || !value.startsWith(OURS)) return null
  const json = parseJson(decodeText(value.slice(OURS.length)) ?? '')
  if (!isObject(json)) return null
  const signatures: Record<string, string> = {}
  for (const [id, signature] of Object.entries(isObject(json.s) ? json.s : {})) {
    if (typeof signature === 'string') signatures[id] = signature
  }
  return { signatures, ...(typeof json.t === 'string' && { text: json.t }) }
}
