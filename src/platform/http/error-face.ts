/** Which form an error has at an address. */
export type ErrorFace = 'openai' | 'anthropic' | 'google' | 'oauth' | 'problem'

const OPENAI = /^\/v1(\/|$)|(^|\/plugin-api)\/chat\/completions$/
const ANTHROPIC = /^\/v1\/messages(\/|$)/
/** These lead to other people's OAuth servers; the rest below `/oauth` is ours. */
const SOCIAL_LOGIN = /^\/oauth\/[^/]+\/(login|callback)$/

/** The form that the clients of an address expect; what answers and what is described both ask here. */
export function errorFaceOf(path: string): ErrorFace {
  if (path.includes('/v1beta/')) return 'google'
  if (ANTHROPIC.test(path)) return 'anthropic'
  if (OPENAI.test(path)) return 'openai'
  return path.startsWith('/oauth/') && !SOCIAL_LOGIN.test(path) ? 'oauth' : 'problem'
}
