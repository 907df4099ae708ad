import { parseJson } from '../../../platform/json.ts'
import { isObject, type JsonObject, MAX_MESSAGE } from '../fields.ts'

/** What a message is called, the most telling first. */
const MESSAGES = [
  ...['message', 'msg', 'detail', 'errors', 'error_msg', 'Message', 'title', 'reason'],
  'error',
]

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

/** Where servers put their errors: OpenAI, Tencent (in two of them), MiniMax. */
const WRAPPERS = ['error', 'Response', 'Error', 'base_resp'] as const

/** Whether an answer that is no refusal by its status is one by its form. */
export function isError(json: JsonObject): boolean {
  if (json.error) return true
  if (json.object === 'error' || json.type === 'error') return true
  if (Array.isArray(json.choices)) return false
  return (
    ['message', 'msg', 'error_msg'].some((name) => typeof json[name] === 'string') ||
    json.detail !== undefined ||
    json.success === false ||
    WRAPPERS.some((name) => isObject(json[name])) ||
    (Array.isArray(json.errors) && json.errors.length > 0)
  )
}

/**
 * Reads an error of OpenAI's form, or of vLLM's `{object, message}`, FastAPI's `{detail}`, Gemini's
 * `[{error}]`, DashScope's `{code, message}`, `{message}`, `{errors: […]}`, Mistral's `{message: {detail}}`,
 * RFC 9457's `{title, detail}`, Baidu's `{error_msg}`, MiniMax' `{base_resp}`, or plain text.
 */
export function readError(body: unknown): SaidError {
  const json = typeof body === 'string' ? (parseJson(body) ?? plainText(body)) : body
  const outer = Array.isArray(json) ? json[0] : json
  const fields = inner(outer)
  const nested = [fields, isObject(outer) ? outer : {}]
  const find = (...names: string[]) =>
    nested.flatMap((place) => names.map((name) => textOf(place[name]))).find(isSaid)
  const said = find(...MESSAGES)
  const cause = causeOf(fields.metadata)
  return {
    message: (cause ? `${said}: ${cause}` : said)?.trim().slice(0, MAX_MESSAGE),
    type: find('type', 'error_type'),
    code: textOf(fields.code ?? fields.Code),
    param: textOf(fields.param),
    status: nested
      .flatMap(({ code, status, http_status_code }) => [code, status, http_status_code])
      .map(statusOf)
      .find(isSaid),
    retryAfterSeconds: retryDelayOf(fields.details),
  }
}

function inner(value: unknown): JsonObject {
  if (!isObject(value)) return typeof value === 'string' ? { message: value } : {}
  const wrapper = WRAPPERS.find((name) => isObject(value[name]))
  if (wrapper === 'base_resp') return minimaxError(value.base_resp as JsonObject)
  return wrapper ? inner(value[wrapper]) : value
}

/** https://platform.minimax.io/docs/api-reference/errorcode */
const MINIMAX: Record<string, number> = { 1002: 429, 1004: 401, 1008: 402, 1039: 429, 2013: 400 }

function minimaxError(said: JsonObject): JsonObject {
  return { message: said.status_msg, status: MINIMAX[String(said.status_code)] }
}

/** Routers (OpenRouter) say that a provider failed, and what it said in `metadata.raw`. */
function causeOf(metadata: unknown): string | undefined {
  return isObject(metadata) && typeof metadata.raw === 'string'
    ? readError(metadata.raw).message
    : undefined
}

function isSaid<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null && value !== ''
}

/** A text, the texts of a list, or `{message}`, `{msg}` (FastAPI: with the place of the fault). */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (Array.isArray(value)) return value.map(textOf).filter(isSaid).join('; ') || undefined
  if (!isObject(value)) return undefined
  const text = textOf(value.message) ?? textOf(value.msg) ?? textOf(value.detail)
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
  const number = STATUS_NAMES[String(value)] ?? Number(value)
  return number >= 400 && number < 600 ? number : undefined
}

function retryDelayOf(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const delays = details.filter(isObject).map(({ retryDelay }) => retryDelay)
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(delays.find(isSaid) ?? '')) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
