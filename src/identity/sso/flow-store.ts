import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

export const FLOW_SECONDS = 600

/** What is remembered of a sign-in between its beginning and its end. */
const Flow = z.object({
  provider: z.string(),
  redirectUri: z.string(),
  /** PKCE, sealed; null where the provider does not take it. */
  verifierCiphertext: z.string().nullable(),
  nonce: z.string().nullable(),
  /** Checked before it was stored. */
  returnTo: z.string().nullable(),
  /** SHA-256 of the cookie in the browser that began. */
  cookieHash: z.string(),
  /** S256 of the secret that the beginner keeps instead of a cookie. */
  challenge: z.string().nullable(),
  isFromBrowser: z.boolean(),
  /** Who adds an identity; null for a sign-in. */
  linkUserId: z.int().nullable(),
  /** That person's when it began: it comes to nothing once either is another. */
  linkTenure: z.int().nullable().default(null),
  linkGeneration: z.string().nullable().default(null),
  /** Milliseconds since the epoch. */
  expiresAt: z.number(),
})
export type Flow = z.output<typeof Flow>

/** A state is as good as a password for ten minutes: only its hash is kept. */
const key = (state: string) => `state:login:${sha256Hex(state)}`
export const flowSecretOwner = (state: string) => `login-flow:${sha256Hex(state)}`

export async function rememberFlow(ctx: Ctx, state: string, flow: Flow): Promise<void> {
  await ctx.services.redis.set(key(state), JSON.stringify(flow), { ex: FLOW_SECONDS })
}

/** Reads the flow and ends it in one step, so that a state is good for one attempt, whatever comes of it. */
export async function takeFlow(ctx: Ctx, state: string): Promise<Flow | null> {
  const stored = await ctx.services.redis.getdel<string>(key(state))
  if (stored === null) return null
  const flow = Flow.safeParse(JSON.parse(stored))
  return flow.success && flow.data.expiresAt > ctx.clock.now() ? flow.data : null
}
