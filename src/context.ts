import type { Config } from './config.ts'
import type { Role } from './db/schema/users.ts'
import { AppError } from './errors.ts'
import type { Clock } from './platform/clock.ts'
import type { Logger } from './platform/logger.ts'
import type { Random } from './platform/random.ts'
import type { Services } from './ports/services.ts'
import type { ApplicationScope, Scope } from './scopes.ts'

/** What a signed-in person or key may rely on, whatever the credential. */
interface PersonFacts {
  userId: number
  username: string
  role: Role
  trustLevel: number
  isSilenced: boolean
  /** What the person begins now comes to nothing once the number is another. */
  tenure: number
  keyTenure: number
  /** The person's key at the plug-in API, sealed; null until it has been provisioned. */
  pluginKeyCiphertext: string | null
}

/** What its owner has narrowed a key to; null: no limit of its own. */
export interface KeyLimits {
  models: string[] | null
  requestsPerMinute: number | null
  /** In 1/10,000 unit, by day and by month in UTC. */
  quotaPerDay: number | null
  quotaPerMonth: number | null
}

/** Who asks: cron is an actor too, so that every verb knows on whose behalf it works. */
export type Actor =
  | { type: 'anonymous' }
  | ({
      type: 'session'
      sessionId: string
      tokenId: string
      /** When the person last proved who they are, in milliseconds since the epoch. */
      authenticatedAt: number
      /** Whether they gave a second factor on this session. */
      hasSecondFactor: boolean
    } & PersonFacts)
  | ({
      type: 'api_key'
      apiKeyId: number
      configType: string
      /** What the key was narrowed to; null: everything that a key may. */
      scopes: readonly Scope[] | null
      /** The role of its owner when it was made. */
      madeAs: Role
      limits: KeyLimits
    } & PersonFacts)
  | ({
      /** An application that the person has let in: it reaches what its scopes name, and no more. */
      type: 'oauth'
      clientId: string
      grantId: string
      scopes: readonly ApplicationScope[]
      /** The role of the person when they agreed. */
      madeAs: Role
    } & PersonFacts)
  | { type: 'system'; job: string }

export type Person = Extract<Actor, { userId: number }>

/** What a verb gets. Verbs never see Hono's context or the raw bindings. */
export interface Ctx {
  config: Config
  clock: Clock
  random: Random
  actor: Actor
  /** Names this request in logs, errors and usage rows. */
  requestId: string
  /** From Cloudflare only; null where it is not known. */
  clientIp: string | null
  userAgent: string | null
  services: Services
  logger: Logger
  /**
   * Settles when the limits that are counted beside the request have let it through; to be awaited
   * before anything is done on the caller's behalf.
   *
   * @throws {AppError} `rate_limited`
   */
  cleared(): Promise<void>
  /** Gives back what was counted beside the request: it is refused for another reason than its limits. */
  uncount(): void
  /** Work that goes on after the answer has left. */
  waitUntil(work: Promise<unknown>): void
}

/**
 * The signed-in person behind the request.
 *
 * @throws {AppError} `not_authenticated` for anybody else
 */
export function requirePerson(ctx: Ctx): Person {
  if ('userId' in ctx.actor) return ctx.actor
  throw new AppError('not_authenticated')
}
