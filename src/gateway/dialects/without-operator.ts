import type { Ctx } from '../../context.ts'
import type { AppError } from '../../errors.ts'

const HIDDEN = '[hidden]'
/** What is shorter may stand in any sentence. */
const SHORTEST_KEY = 8
/** A version is nobody's secret. */
const PLAIN_PATH = /^\/(v\d+(beta)?\/?)?$/
const REST = String.raw`(/[^\s"'<>()]*)?`

/**
 * What a server says of a failure reaches clients word for word, except for what is the operator's:
 * the key that calls are made with, and the address that they go to.
 *
 * @returns the same error
 */
export function withoutOperator({ config }: Pick<Ctx, 'config'>, error: AppError): AppError {
  const { UPSTREAM_API_KEY, PLUGIN_API_ADMIN_KEY, PLUGIN_API_BASE_URL: baseUrl } = config
  const hidden = [UPSTREAM_API_KEY ?? '', PLUGIN_API_ADMIN_KEY ?? '']
    .filter(({ length }) => length >= SHORTEST_KEY)
    .map(literally)
  if (baseUrl) {
    const { hostname, port, pathname } = new URL(baseUrl)
    const name = literally(hostname)
    hidden.push(`https?://${name}(:\\d+)?${REST}`)
    // A name without a dot may be a word of the sentence.
    if (/[.:]/.test(hostname)) hidden.push(`${name}(:\\d+)?${REST}`)
    else if (port) hidden.push(`${name}:${port}${REST}`)
    // In front of the plug-in some of what is said is ours, and names paths of ours.
    const isPlain = config.PLUGIN_API_DIALECT === 'openai'
    if (isPlain && !PLAIN_PATH.test(pathname))
      hidden.push(literally(pathname.replace(/\/+$/, '')) + REST)
  }
  if (hidden.length > 0) {
    error.message = error.message.replace(new RegExp(hidden.join('|'), 'gi'), HIDDEN)
  }
  return error
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
