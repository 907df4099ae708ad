import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'

const MEBIBYTE = 1024 * 1024

/** Calls to a model carry images; everything else is small. */
const MODEL_CALL = /^\/v1(beta)?\/|\/plugin-api\/(chat\/|v1beta\/)/

/** 50 MB for calls to a model, 1 MB for the JSON API. */
export const limitBody: MiddlewareHandler<AppEnv> = (c, next) =>
  MODEL_CALL.test(c.req.path) ? limitModelCall(c, next) : limitJson(c, next)

const limitModelCall = limitTo(50)
const limitJson = limitTo(1)

function limitTo(mebibytes: number): MiddlewareHandler<AppEnv> {
  return bodyLimit({
    maxSize: mebibytes * MEBIBYTE,
    onError: () => {
      throw new AppError('payload_too_large', `The body may have at most ${mebibytes} MB.`)
    },
  })
}
