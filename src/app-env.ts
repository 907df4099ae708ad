import type { Ctx } from './context.ts'

/** Bindings of the Worker as Cloudflare hands them over; only `config.ts` reads the settings among them. */
export type Bindings = Record<string, unknown> & {
  ASSETS?: { fetch(request: Request): Promise<Response> }
}

/** Hono's types for this app. */
export interface AppEnv {
  Bindings: Bindings
  Variables: {
    ctx: Ctx
    requestId: string
    /** Asks our own API; only where something stands on top of it. */
    callApi?: (request: Request) => Promise<Response>
  }
}
