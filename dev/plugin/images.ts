import { callingUser } from './auth.ts'
import type { Exchange } from './exchange.ts'
import { begin, refuseEarly, settle } from './inference.ts'
import { isRecord, type JsonObject, text } from './json.ts'
import type { Plugin } from './plugin.ts'
import { drawPng } from './png.ts'
import { Refusal } from './refusal.ts'
import { terminated, UpstreamFailure } from './upstream-failure.ts'

const MAX_SWITCHES = 3
const ASPECTS: readonly unknown[] = ['1:1', '2:3', '3:2', '3:4', '4:3', '9:16', '16:9', '21:9']
const SIZES: readonly unknown[] = ['1K', '2K', '4K']

/**
 * `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: draw a picture. Both
 * answer one JSON body.
 */
export async function generateImage(plugin: Plugin, exchange: Exchange): Promise<void> {
  const { reply } = exchange
  const [, model, verb] = /^(.+):(\w+)$/.exec(exchange.params.target ?? '') ?? []
  if (!model || (verb !== 'generateContent' && verb !== 'streamGenerateContent')) {
    return reply.errorPage(404, `Cannot POST ${exchange.url.pathname}`)
  }
  try {
    const { prompt, aspect } = readImageRequest(exchange.body, model)
    const user = callingUser(exchange)
    const armed = reply.fault
    refuseEarly(armed, model)
    const { use } = await begin(
      plugin,
      { user, model, maxSwitches: MAX_SWITCHES, armed },
      async () => undefined,
    )
    await plugin.pacer.sleep(plugin.settings.chat.firstEventDelayMs)
    if (armed?.failure === 'terminated_midway') throw terminated(armed.text)
    const picture = drawPng(prompt, aspect)
    const padding = armed?.failure === 'huge' ? (armed.sizeBytes ?? 0) : 0
    const data = Buffer.concat([picture, Buffer.alloc(padding)]).toString('base64')
    await settle(plugin, use)
    return reply.json(200, {
      candidates: [
        {
          content: { parts: [{ inlineData: { mimeType: 'image/png', data } }], role: 'model' },
          finishReason: 'STOP',
        },
      ],
    })
  } catch (error) {
    if (error instanceof UpstreamFailure) return answerImageFailure(exchange, error)
    throw error
  }
}

/** The error shape of `/v1beta`. */
export function answerImageError(
  exchange: Pick<Exchange, 'reply'>,
  code: number,
  message: string,
  status = 'INTERNAL',
): Promise<void> {
  return exchange.reply.json(code, { error: { code, message, status } })
}

/** A request that has nothing usable in it. */
export class InvalidArgument extends Refusal {
  constructor(message: string) {
    super(400, message)
  }
}

function answerImageFailure(exchange: Exchange, failure: UpstreamFailure): Promise<void> {
  if (failure.status === undefined) {
    return answerImageError(exchange, 429, failure.plainText, 'RESOURCE_EXHAUSTED')
  }
  return answerImageError(exchange, failure.status, failure.plainText)
}

function readImageRequest(body: unknown, model: string): { prompt: string; aspect: string } {
  if (body === undefined) {
    throw new TypeError("Cannot read properties of undefined (reading 'contents')")
  }
  const fields = isRecord(body) ? body : {}
  const contents = Array.isArray(fields.contents) ? fields.contents.filter(isRecord) : []
  if (contents.length === 0) throw new InvalidArgument('contents 是必需的')
  const parts = contents
    .filter((content) => content.role === 'user')
    .flatMap((content) => (Array.isArray(content.parts) ? content.parts.filter(isRecord) : []))
  const prompt = parts.map((part) => text(part.text) ?? '').join('')
  if (prompt === '' && !parts.some((part) => isRecord(part.inlineData))) {
    throw new InvalidArgument('contents 中没有可用的内容')
  }
  return { prompt, aspect: readAspect(fields, model) }
}

function readAspect(fields: JsonObject, model: string): string {
  const generation = isRecord(fields.generationConfig) ? fields.generationConfig : {}
  const { aspectRatio, imageSize } = isRecord(generation.imageConfig) ? generation.imageConfig : {}
  if (imageSize !== undefined && model === 'gemini-2.5-flash-image') {
    throw new Refusal(400, 'gemini-2.5-flash-image 不支持 imageSize')
  }
  if (imageSize !== undefined && !SIZES.includes(imageSize)) {
    throw new Refusal(400, `不支持的 imageSize: ${String(imageSize)}`)
  }
  if (aspectRatio !== undefined && !ASPECTS.includes(aspectRatio)) {
    throw new Refusal(400, `不支持的 aspectRatio: ${String(aspectRatio)}`)
  }
  return text(aspectRatio) ?? '1:1'
}
