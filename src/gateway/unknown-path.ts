import type { Handler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'

/** What is below `/v1` and `/v1beta`, with the methods that it takes. */
const KNOWN: readonly { pattern: RegExp; methods: readonly string[]; example: string }[] = [
  {
    pattern: /^\/v1\/chat\/completions$/,
    methods: ['POST'],
    example: 'POST /v1/chat/completions',
  },
  { pattern: /^\/v1\/responses$/, methods: ['POST'], example: 'POST /v1/responses' },
  { pattern: /^\/v1\/messages$/, methods: ['POST'], example: 'POST /v1/messages' },
  {
    pattern: /^\/v1\/messages\/count_tokens$/,
    methods: ['POST'],
    example: 'POST /v1/messages/count_tokens',
  },
  {
    pattern: /^\/v1(beta)?\/models\/.+:(generateContent|streamGenerateContent|countTokens)$/,
    methods: ['POST'],
    example: 'POST /v1beta/models/{model}:generateContent',
  },
  {
    pattern: /^\/v1\/(embeddings|rerank|images\/\w+|audio\/\w+)$/,
    methods: ['POST'],
    example: 'POST /v1/embeddings',
  },
  { pattern: /^\/v1\/models$/, methods: ['GET', 'HEAD'], example: 'GET /v1/models' },
  {
    pattern: /^\/v1(beta)?\/models\/[^/].*$/,
    methods: ['GET', 'HEAD'],
    example: 'GET /v1/models/{model}',
  },
  { pattern: /^\/v1beta\/models$/, methods: ['GET', 'HEAD'], example: 'GET /v1beta/models' },
  {
    pattern: /^\/(v1\/usage|dashboard\/billing\/(usage|subscription))$/,
    methods: ['GET', 'HEAD'],
    example: 'GET /v1/usage',
  },
]

/**
 * Answers whatever no route of the gateway took: a wrong method with 405, a near miss (a slash too
 * many, `/v1/v1`, no `/v1`) with a 404 that names the right address, and the rest with a 404 that
 * names what there is.
 */
export const answerUnknownPath: Handler<AppEnv> = (c) => {
  const { method, path } = c.req
  const here = KNOWN.find(({ pattern }) => pattern.test(path))
  if (here) {
    throw new AppError(
      'method_not_allowed',
      `${method} is not possible here. Use ${here.example}.`,
      {
        headers: { allow: [...here.methods, 'OPTIONS'].join(', ') },
      },
    )
  }
  const meant = corrected(path)
  const near = meant !== path && KNOWN.find(({ pattern }) => pattern.test(meant))
  const { origin } = new URL(c.req.url)
  const help = near
    ? `Did you mean ${near.methods[0]} ${origin}${meant}? The base URL to configure is ${origin}/v1.`
    : `There are ${KNOWN.map(({ example }) => example).join(', ')}. The base URL to configure is ${origin}/v1.`
  throw new AppError('not_found', `There is nothing at ${method} ${path}. ${help}`)
}

/** The address without slashes at the end or in a row, and with the version once. */
function corrected(path: string): string {
  const tidy = path
    .replace(/\/{2,}/g, '/')
    .replace(/(.)\/+$/, '$1')
    .replace(
      /^\/(?:(?:api|openai)\/)?(v1(?:beta)?)(?=\/)/i,
      (_, version: string) => `/${version.toLowerCase()}`,
    )
  if (tidy.startsWith('/v1beta/')) return tidy
  return tidy.replace(/^(\/v1)*(?=\/)/, '/v1').replace('/v1/v1beta/', '/v1beta/')
}
