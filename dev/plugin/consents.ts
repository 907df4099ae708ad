import { randomBytes, randomUUID } from 'node:crypto'

const STATE_LIFE_MS = 300_000

/** What `POST /api/oauth/authorize` remembers: whoever finishes the flow, this user gets the account. */
export interface PendingState {
  userId: string
  /** Whatever the client sent; nothing validates it. */
  isShared: unknown
  expiresAt: number
}

/** What somebody chose on the consent page. */
export interface Grant {
  email: string
  /** Whether the account pays; null when the upstream does not say. */
  paidTier: boolean | null
  /** Remaining quota in ten-thousandths, by model; `*` stands for every model that is not named. */
  quotas: Record<string, number>
  /** The upstream flags the account as not eligible. */
  ineligible: boolean
  /** The upstream does not serve the account's country. */
  unsupportedLocation: boolean
  /** The upstream could not be asked whether the account is eligible. */
  unknown?: boolean
}

/** The running authorizations. Kept in memory only: a restart loses them, as it does in the real service. */
export class Consents {
  #states = new Map<string, PendingState>()
  #codes = new Map<string, Grant>()

  /** Starts an authorization. */
  begin(userId: string, isShared: unknown, now: number): string {
    const state = randomUUID()
    this.#states.set(state, { userId, isShared, expiresAt: now + STATE_LIFE_MS })
    return state
  }

  /** The authorization behind a state, unless it is unknown or expired. */
  find(state: string, now: number): PendingState | undefined {
    const pending = this.#states.get(state)
    if (pending && now >= pending.expiresAt) {
      this.#states.delete(state)
      return undefined
    }
    return pending
  }

  /** Uses a state up. */
  forget(state: string): void {
    this.#states.delete(state)
  }

  /** Records a consent and gives the code for it. */
  issueCode(grant: Grant): string {
    const code = `4/0A${randomBytes(30).toString('base64url')}`
    this.#codes.set(code, grant)
    return code
  }

  /** Exchanges a code for the consent, once. */
  exchange(code: string): Grant | undefined {
    const grant = this.#codes.get(code)
    this.#codes.delete(code)
    return grant
  }
}

/** Seconds that a state lives. */
export const STATE_LIFE_SECONDS = STATE_LIFE_MS / 1_000
