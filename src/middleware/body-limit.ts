import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'

const MEBIBYTE = 1024 * 1024

/** Calls to a model carry images; everything else is small. */
const MODEL_CALL = /^\/v1(beta)?\/|\/plugin-api\/(chat\/|v1beta\/)/

/** 50 MB for calls to a model, 1 MB for the JSON API. */
export const limitBody: MiddlewareHandler<AppEnv> = (c, next) => {
  const { headers } = c.req.raw
  const length = headers.get('content-length')
  // A length is a promise that HTTP holds the client to; the body itself need not be touched.
  const isSmall = length !== null && Number(length) <= MEBIBYTE && !headers.has('transfer-encoding')
  if (isSmall) return next()
  return MODEL_CALL.test(c.req.path) ? limitModelCall(c, next) : limitJson(c, next)
}

const limitModelCall = limitTo(50)
const limitJson = limitTo(1)

/** More than this is not read even to be thrown away. */
const MAX_DRAINED_BYTES = 128 * MEBIBYTE
const DRAIN_MS = 10_000

function limitTo(mebibytes: number): MiddlewareHandler<AppEnv> {
  return bodyLimit({
    maxSize: mebibytes * MEBIBYTE,
    onError: async (c) => {
      await drain(c.req.raw)
      throw new AppError('payload_too_large', `The body may have at most ${mebibytes} MB.`)
    },
  })
}

/** Most clients read no answer before they have sent everything: they would see a broken connection. */
async function drain({ headers, body }: Request): Promise<void> {
  if (!body || body.locked || Number(headers.get('content-length')) > MAX_DRAINED_BYTES) return
  const nowhere = new WritableStream<Uint8Array>()
  const signal = AbortSignal.timeout(DRAIN_MS)
  await body.pipeTo(nowhere, { signal }).catch(() => undefined)
}
