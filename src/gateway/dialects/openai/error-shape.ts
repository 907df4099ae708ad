import { parseJson } from '../../../platform/json.ts'
import { isObject, type JsonObject, MAX_MESSAGE } from '../fields.ts'

/** What a server's error says, whatever its form. */
export interface SaidError {
  message: string | undefined
  type: string | undefined
  code: string | undefined
  param: string | undefined
  /** The HTTP status that it names itself. */
  status: number | undefined
  /** Seconds until a repetition is worth it, where the body says so (google.rpc.RetryInfo). */
  retryAfterSeconds: number | undefined
}

/** Whether an answer that is no refusal by its status is one by its form. */
export function isError(json: JsonObject): boolean {
  if (json.error) return true
  if (json.object === 'error' || json.type === 'error') return true
  if (Array.isArray(json.choices)) return false
  return (
    typeof json.message === 'string' ||
    json.detail !== undefined ||
    (Array.isArray(json.errors) && json.errors.length > 0)
  )
}

/**
 * Reads an error of OpenAI's form, or of vLLM's `{object, message}`, FastAPI's `{detail}`, Gemini's
 * `[{error}]`, DashScope's `{code, message}`, `{message}`, `{errors: […]}`, or plain text.
 */
export function readError(body: unknown): SaidError {
  const json = typeof body === 'string' ? (parseJson(body) ?? plainText(body)) : body
  const outer = Array.isArray(json) ? json[0] : json
  const fields = inner(outer)
  const nested = [fields, isObject(outer) ? outer : {}]
  const find = (...names: string[]) =>
    nested.flatMap((place) => names.map((name) => place[name])).find(isSaid)
  return {
    message: (textOf(find('message', 'msg', 'detail', 'errors', 'error_msg', 'error')) ?? undefined)
      ?.trim()
      .slice(0, MAX_MESSAGE),
    type: textOf(fields.type),
    code: textOf(fields.code),
    param: textOf(fields.param),
    status: nested
      .flatMap(({ code, status }) => [code, status])
      .map(statusOf)
      .find(isSaid),
    retryAfterSeconds: retryDelayOf(fields.details),
  }
}

function inner(value: unknown): JsonObject {
  if (!isObject(value)) return typeof value === 'string' ? { message: value } : {}
  if (isObject(value.error)) return inner(value.error)
  return value
}

function isSaid<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null && value !== ''
}

/** A text, the texts of a list, or `{message}`, `{msg}` (FastAPI: with the place of the fault). */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (Array.isArray(value)) return value.map(textOf).filter(isSaid).join('; ') || undefined
  if (!isObject(value)) return undefined
  const text = textOf(value.message) ?? textOf(value.msg)
  const place = Array.isArray(value.loc) ? value.loc.join('.') : ''
  return text && place ? `${place}: ${text}` : text
}

/** A page of a proxy says nothing to the client of a model. */
function plainText(text: string): string | undefined {
  return text.includes('<') || text.length > MAX_MESSAGE ? undefined : text
}

/** Names of google.rpc.Code that concern the request. */
const STATUS_NAMES: Record<string, number> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
}

function statusOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? (STATUS_NAMES[value] ?? Number(value)) : value
  return typeof number === 'number' && number >= 400 && number < 600 ? number : undefined
}

function retryDelayOf(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const delays = details.filter(isObject).map(({ retryDelay }) => retryDelay)
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(delays.find(isSaid) ?? '')) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
