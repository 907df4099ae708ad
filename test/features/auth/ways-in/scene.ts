import { randomUUID } from 'node:crypto'
import { codeOf, letStepsPass } from '../../../support/second-factor.ts'
import { ask, type BegunLink, type Identity } from './stage.ts'

/** One of the accounts that claim the address. */
export interface Account {
  id: number
  username: string
}

/** What the squatter holds of an account: every way in that they have ever had. */
export interface Holdings {
  passwords: string[]
  tokens: string[]
  refreshTokens: string[]
  keys: string[]
  /** Of sign-ins that wait for a code. */
  mfaTokens: string[]
  /** Of authenticator apps. */
  secrets: string[]
  /** Tokens of mails to the squatter's own mailbox. */
  changes: string[]
  begun: BegunLink[]
}

/** What the owner of the address has of an account that they have got into. */
export interface Owned {
  /** Null: they have always come by a provider. */
  password: string | null
  keys: string[]
  /** Of their authenticator app. */
  secret: string | null
}

export const newName = (prefix: string) => `${prefix}${randomUUID().slice(0, 13)}`
export const newPassword = () => `pw-${randomUUID()}`
export const newAddress = () => `${randomUUID()}@example.com`
export const newOwned = (): Owned => ({ password: null, keys: [], secret: null })

/** An address, the person who reads its mails, and somebody else who does not. */
export class Scene {
  readonly email = newAddress()
  /** Where the squatter reads. */
  readonly elsewhere = newAddress()
  readonly mine: Identity = { sub: randomUUID(), email: this.email }
  readonly theirs: Identity = { sub: randomUUID(), email: newAddress() }
  readonly accounts: Account[] = []
  /** The squatter's, by account. */
  readonly held = new Map<number, Holdings>()
  /** Accounts that the owner of the address has got into. */
  readonly owned = new Map<number, Owned>()
  /** Where the owner is signed in. */
  session: { id: number; token: string } | null = null

  async register(prefix: string, email = this.email) {
    const json = { username: newName(prefix), email, password: newPassword() }
    const { status, body } = await ask('/api/auth/register', json)
    if (status !== 201) throw new Error(`registration answered ${status}`)
    const account = { id: Number(body.id), username: json.username }
    this.accounts.push(account)
    return { ...account, password: json.password }
  }

  hold(id: number, password: string): Holdings {
    const held = {
      ...{ passwords: [password], tokens: [], refreshTokens: [], keys: [], mfaTokens: [] },
      ...{ secrets: [], changes: [], begun: [] },
    }
    this.held.set(id, held)
    return held
  }

  nameOf = (id: number) => this.accounts.find((account) => account.id === id)?.username

  /** One of the accounts that the squatter made. */
  squatted(pick: number): [number, Holdings] | [] {
    const held = [...this.held]
    return held[pick % (held.length || 1)] ?? []
  }
}

/** Signs in, by both steps where there are two. */
export async function signIn(
  id: number,
  username: string,
  password: string,
  secret: string | null,
) {
  const { body } = await ask('/api/auth/login', { username, password })
  if (!body.mfa_required || secret === null) return body
  return { ...(await giveCode(id, String(body.mfa_token), secret)), mfa_token: body.mfa_token }
}

/** The second step of a sign-in. */
export async function giveCode(id: number, mfa_token: string, secret: string) {
  await letStepsPass({ id })
  return (await ask('/api/auth/mfa/verify', { mfa_token, code: codeOf(secret) })).body
}

/** Adds an authenticator app. @returns its secret; null: it was refused */
export async function enrolWith(token: string, password: string | null | undefined) {
  const begun = await ask('/api/auth/mfa/totp', password ? { password } : {}, token)
  if (begun.status !== 200) return null
  const secret = String(begun.body.secret)
  const { status } = await ask('/api/auth/mfa/totp/confirm', { code: codeOf(secret) }, token)
  return status === 200 ? secret : null
}
