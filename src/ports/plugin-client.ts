import type * as z from 'zod'

/** Who calls the plug-in: its administrator, or one of its users by their key. */
export type PluginCaller = { as: 'admin' } | { as: 'user'; key: string }

export interface PluginRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the plug-in's base URL; made by `pluginPath` where anything comes from outside. */
  path: string
  body?: unknown
  /** For calls that make the plug-in ask its upstreams. */
  timeoutMs?: number
}

/** A failure of a plug-in call, before anybody has decided what it means for our own caller. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  /** Null when there was no answer at all. */
  readonly status: number | null
  /** What the plug-in itself gave as the reason; null when something else came. For people who read Chinese. */
  readonly refusal: string | null
  /** Whether the plug-in may have acted although no answer came. */
  readonly isUncertain: boolean
  /** Whether it was we who stopped waiting. */
  readonly isTimeout: boolean

  constructor(
    status: number | null,
    message: string,
    options: { refusal?: string | null; isUncertain?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.refusal = options.refusal ?? null
    this.isUncertain = options.isUncertain ?? status === null
    this.isTimeout = options.cause instanceof Error && options.cause.name === 'TimeoutError'
  }
}

/** JSON calls to the plug-in API; chat has its own way, since it streams. */
export interface PluginClient {
  readonly baseUrl: string
  /**
   * @returns the answer's `data`, checked against the schema
   * @throws {PluginError} for every failure, bounded in time and size
   */
  call<Data>(caller: PluginCaller, request: PluginRequest, schema: z.ZodType<Data>): Promise<Data>
}
