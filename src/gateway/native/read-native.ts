import { AppError } from '../../errors.ts'
import { parseJson } from '../../platform/json.ts'
import { withMember } from '../../platform/json-members.ts'
import { isObject, type JsonObject } from '../dialects/fields.ts'
import { readFlag, readModel } from '../faces/reading.ts'
import { requireOneReading } from '../one-reading.ts'
import type { NativeRequest } from './calls.ts'

/** A request that goes on as it came. */
export interface NativeBody {
  request: NativeRequest
  bytes: Uint8Array<ArrayBuffer>
  contentType: string
}

/**
 * Reads what has to be known of a request: JSON, or the form that carries a file.
 *
 * @throws {AppError} `malformed_request`, `invalid_request`
 */
export async function readNative(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<NativeBody> {
  if (/^multipart\/form-data\b/i.test(contentType)) return readForm(bytes, contentType)
  const text = new TextDecoder().decode(bytes)
  const fields = parseJson(text)
  if (!isObject(fields)) {
    throw new AppError('malformed_request', 'The body of your request is not a JSON object.')
  }
  requireOneReading(text)
  const request = requestOf(fields, bytes.byteLength)
  return { request, bytes, contentType: 'application/json' }
}

async function readForm(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<NativeBody> {
  const form = await formOf(bytes, contentType)
  const fields: JsonObject = {}
  let size = 0
  for (const [name, value] of form) {
    if (typeof value !== 'string') size += value.size
    else if (Object.hasOwn(fields, name)) {
      if (name === 'model')
        throw new AppError('invalid_request', '"model" is there twice.', { param: name })
    } else fields[name] = value
  }
  const stream = fields.stream === 'true'
  return { request: requestOf({ ...fields, stream }, size), bytes, contentType }
}

async function formOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch (cause) {
    throw new AppError('malformed_request', 'The body is not a valid form.', { cause })
  }
}

function requestOf(fields: JsonObject, bytes: number): NativeRequest {
  const model = readModel(fields.model)
  const { input, prompt, query, documents } = fields
  return {
    model,
    stream: readFlag(fields.stream, 'stream'),
    fields,
    bytes,
    texts: [input, prompt, query, documents].flat(3).flatMap(textsOf),
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return isObject(value) && typeof value.text === 'string' ? [value.text] : []
}

/** The same of another model. */
export async function withModel(body: NativeBody, model: string): Promise<NativeBody> {
  const request = { ...body.request, model }
  if (body.contentType === 'application/json') {
    const text = withMember(new TextDecoder().decode(body.bytes), 'model', JSON.stringify(model))
    return { ...body, request, bytes: Uint8Array.from(new TextEncoder().encode(text)) }
  }
  const form = await formOf(body.bytes, body.contentType)
  form.set('model', model)
  const written = new Response(form)
  const contentType = written.headers.get('content-type') ?? body.contentType
  return { request, contentType, bytes: new Uint8Array(await written.arrayBuffer()) }
}
