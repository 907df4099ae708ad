import { MODEL_PATH } from './model-paths.ts'

/** Which form an error has at an address. */
export type ErrorFace = 'openai' | 'responses' | 'anthropic' | 'google' | 'oauth' | 'problem'

const OPENAI = /^\/dashboard\/billing\/|\/plugin-api\/chat\/completions$/
/** What Google's SDKs ask by either of its versions; `{target}` is its last part where it is described. */
const GOOGLE =
  /\/v1beta\/|^\/v1\/models\/(\{target\}|.+:(generateContent|streamGenerateContent|countTokens))$/
const RESPONSES = /^\/v1\/responses(\/|$)/
const ANTHROPIC = /^\/+(v1\/)?messages(\/|$)/
/** These lead to other people's OAuth servers; the rest below `/oauth` is ours. */
const SOCIAL_LOGIN = /^\/oauth\/[^/]+\/(login|callback)$/

/** The form that the clients of an address expect; what answers and what is described both ask here. */
export function errorFaceOf(path: string): ErrorFace {
  if (GOOGLE.test(path)) return 'google'
  if (ANTHROPIC.test(path)) return 'anthropic'
  if (RESPONSES.test(path)) return 'responses'
  if (MODEL_PATH.test(path) || OPENAI.test(path)) return 'openai'
  return path.startsWith('/oauth/') && !SOCIAL_LOGIN.test(path) ? 'oauth' : 'problem'
}
