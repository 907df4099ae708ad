import { randomUUID } from 'node:crypto'
import { mailsTo, tokenIn } from '../../../support/mail.ts'
import { codeOf } from '../../../support/second-factor.ts'
import { sql, waitFor } from '../../../support/stack.ts'
import { ask, type BegunLink, beginLink, type Json, signInWith } from './stage.ts'

/** One of the accounts that claim the address. */
interface Account {
  id: number
  username: string
}

/** What somebody holds of an account: every way in that they have ever had. */
interface Holdings {
  passwords: string[]
  tokens: string[]
  refreshTokens: string[]
  keys: string[]
  /** Tokens of mails to the squatter's own mailbox. */
  changes: string[]
  begun: BegunLink[]
}

const nothing = (): Holdings => ({
  ...{ passwords: [], tokens: [], refreshTokens: [], keys: [], changes: [], begun: [] },
})

const newName = (prefix: string) => `${prefix}${randomUUID().slice(0, 13)}`
const newPassword = () => `pw-${randomUUID()}`

/**
 * An address, the person who reads its mails, and somebody else who does not: what each can do, in any
 * order. A step that is not possible does nothing.
 */
export class World {
  readonly email = `${randomUUID()}@example.com`
  readonly #elsewhere = `${randomUUID()}@example.com`
  readonly #mine = this.#identity(this.email)
  readonly #theirs = this.#identity(`${randomUUID()}@example.com`)
  readonly #accounts: Account[] = []
  /** The squatter's, by account. */
  readonly #held = new Map<number, Holdings>()
  /** Accounts that the owner of the address has got into, with their password if they have one there. */
  readonly #owned = new Map<number, string | null>()
  readonly #confirmed = new Set<number>()
  /** By the squatter, after the owner had confirmed the address: such an app stays. */
  readonly #lateApps = new Set<number>()
  /** Where the owner is signed in. */
  #session: { id: number; token: string } | null = null

  /** @param pick chooses among several accounts */
  async play(step: Step, pick: number): Promise<void> {
    await STEPS[step](this, pick)
  }

  #identity(email: string) {
    const sub = randomUUID()
    return { claims: { sub, email, email_verified: true }, userInfo: { sub } }
  }

  async #register(prefix: string) {
    const json = { username: newName(prefix), email: this.email, password: newPassword() }
    const { status, body } = await ask('/api/auth/register', json)
    if (status !== 201) throw new Error(`registration answered ${status}`)
    const account = { id: Number(body.id), username: json.username }
    this.#accounts.push(account)
    return { ...account, password: json.password }
  }

  #squatted(pick: number) {
    const held = [...this.#held]
    return held.length === 0 ? null : (held[pick % held.length] ?? null)
  }

  async squat(): Promise<void> {
    if (this.#held.size >= 2) return
    const { id, password } = await this.#register('s')
    this.#held.set(id, { ...nothing(), passwords: [password] })
  }

  async squatterSignsIn(pick: number): Promise<void> {
    const [id, held] = this.#squatted(pick) ?? []
    if (!held) return
    const username = this.#accounts.find((account) => account.id === id)?.username
    const { body } = await ask('/api/auth/login', { username, password: held.passwords.at(-1) })
    if (!body.access_token) return
    held.tokens.push(String(body.access_token))
    held.refreshTokens.push(String(body.refresh_token))
  }

  /** A call with the squatter's last token. */
  async #asSquatter(pick: number, path: string, json: (held: Holdings) => Json) {
    const [, held] = this.#squatted(pick) ?? []
    const token = held?.tokens.at(-1)
    if (!held || !token) return null
    const { status, body } = await ask(path, json(held), token)
    return status < 300 ? { held, token, body } : null
  }

  async squatterMakesKey(pick: number): Promise<void> {
    const made = await this.#asSquatter(pick, '/api/api-keys', () => ({}))
    if (made) made.held.keys.push(String(made.body.key))
  }

  async squatterLinks(pick: number, isFinished: boolean): Promise<void> {
    const [, held] = this.#squatted(pick) ?? []
    const token = held?.tokens.at(-1)
    if (!held || !token) return
    const begun = await beginLink(token, this.#theirs)
    if (!begun) return
    if (isFinished) await begun.finish()
    else held.begun.push(begun)
  }

  async squatterEnrols(pick: number): Promise<void> {
    const begun = await this.#asSquatter(pick, '/api/auth/mfa/totp', (held) => ({
      password: held.passwords.at(-1),
    }))
    if (!begun) return
    const code = codeOf(String(begun.body.secret))
    const { status } = await ask('/api/auth/mfa/totp/confirm', { code }, begun.token)
    const [id] = this.#squatted(pick) ?? []
    if (status === 200 && id && this.#confirmed.has(id)) this.#lateApps.add(id)
  }

  async squatterChangesPassword(pick: number): Promise<void> {
    const password = newPassword()
    const changed = await this.#asSquatter(pick, '/api/auth/change-password', (held) => ({
      old_password: held.passwords.at(-1),
      new_password: password,
    }))
    changed?.held.passwords.push(password)
  }

  async squatterRefreshes(pick: number): Promise<void> {
    const [, held] = this.#squatted(pick) ?? []
    const token = held?.refreshTokens.at(-1)
    if (!held || !token) return
    const { body } = await ask('/api/auth/refresh', { refresh_token: token })
    if (!body.access_token) return
    held.tokens.push(String(body.access_token))
    held.refreshTokens.push(String(body.refresh_token))
  }

  async squatterMovesAway(pick: number): Promise<void> {
    const before = (await mailsTo(this.#elsewhere)).length
    const begun = await this.#asSquatter(pick, '/api/auth/change-email', (held) => ({
      new_email: this.#elsewhere,
      password: held.passwords.at(-1),
    }))
    if (!begun) return
    await waitFor(async () => (await mailsTo(this.#elsewhere)).length > before)
    const [mail] = await mailsTo(this.#elsewhere)
    if (mail && /#token=/.test(mail.text)) begun.held.changes.push(tokenIn(mail))
  }

  async ownerRegisters(): Promise<void> {
    if (this.#accounts.length >= 3) return
    const { id, username, password } = await this.#register('o')
    const { body } = await ask('/api/auth/login', { username, password })
    if (body.access_token) this.#session = { id, token: String(body.access_token) }
  }

  /** The newest link of that kind for each account that a mail in the owner's mailbox names. */
  async #links(subject: RegExp): Promise<[Account, string][]> {
    const mails = (await mailsTo(this.email)).filter((mail) => subject.test(mail.subject))
    return this.#accounts.flatMap((account) => {
      const mail = mails.find(({ text }) => text.includes(`the account "${account.username}"`))
      return mail ? [[account, tokenIn(mail)] as [Account, string]] : []
    })
  }

  async ownerForgets(): Promise<void> {
    await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
      where user_id in (select id from users where email = ${this.email})`
    await ask('/api/auth/forgot-password', { email: this.email })
    await this.#mailsToArrive()
  }

  /** Nothing waits to be sent any more; what could not be sent at once waits for cron, which does not run here. */
  #mailsToArrive() {
    const isSent = async () =>
      (await sql`select 1 from mail_outbox where recipient = ${this.email}`).length === 0
    return waitFor(isSent, 3_000).catch(() => undefined)
  }

  async ownerResets(pick: number): Promise<void> {
    const links = await this.#links(/Choose a new/)
    const [account, token] = links[pick % (links.length || 1)] ?? []
    if (!account) return
    const password = newPassword()
    const json = { token, new_password: password, end_api_keys: false }
    const { status } = await ask('/api/auth/reset-password', json)
    if (status === 200) this.#owned.set(account.id, password)
  }

  async ownerConfirms(pick: number, isSignedIn: boolean): Promise<void> {
    await this.#mailsToArrive()
    const links = await this.#links(/Confirm your e-mail/)
    const [account, token] = links[pick % (links.length || 1)] ?? []
    if (!account) return
    const isHolder = isSignedIn && this.#session?.id === account.id
    const holder = isHolder ? this.#session?.token : undefined
    const { status } = await ask('/api/auth/verify-email', { token }, holder)
    if (status === 200) this.#confirmed.add(account.id)
  }

  async ownerComesByProvider(): Promise<void> {
    const landed = await signInWith(this.#mine)
    if (!landed) return
    this.#session = landed
    if (!this.#owned.has(landed.id)) this.#owned.set(landed.id, null)
  }

  /** @returns what is wrong: every way that somebody has who should have none, or has not who should */
  async wrongs(): Promise<string[]> {
    const wrongs: string[] = []
    for (const [id, password] of this.#owned) {
      const held = this.#held.get(id)
      if (held) wrongs.push(...(await this.#waysOf(id, held)))
      const username = this.#accounts.find((account) => account.id === id)?.username
      if (password === null || !username) continue
      const { body } = await ask('/api/auth/login', { username, password })
      const isAsked = body.mfa_required === true && this.#lateApps.has(id)
      if (!body.access_token && !isAsked) wrongs.push('the owner is locked out')
    }
    return wrongs
  }

  async #waysOf(id: number, held: Holdings): Promise<string[]> {
    const ways: string[] = []
    for (const begun of held.begun) await begun.finish()
    for (const token of held.changes) await ask('/api/auth/confirm-email', { token })
    for (const [name, credentials] of [
      ['token', held.tokens],
      ['key', held.keys],
    ] as const)
      for (const credential of credentials)
        if ((await ask('/api/auth/me', undefined, credential)).status === 200) ways.push(name)
    for (const refresh_token of held.refreshTokens)
      if ((await ask('/api/auth/refresh', { refresh_token })).status === 200) ways.push('refresh')
    const username = this.#accounts.find((account) => account.id === id)?.username
    for (const password of held.passwords)
      if ((await ask('/api/auth/login', { username, password })).status === 200)
        ways.push('password')
    if ((await signInWith(this.#theirs))?.id === id) ways.push('identity')
    const [row] = await sql`select email from users where id = ${id}`
    if (row?.email !== this.email) ways.push('address moved away')
    return ways
  }
}

/** What can happen, by either of them. */
const STEPS = {
  squat: (world: World) => world.squat(),
  'squatter signs in': (world: World, pick: number) => world.squatterSignsIn(pick),
  'squatter makes a key': (world: World, pick: number) => world.squatterMakesKey(pick),
  'squatter links': (world: World, pick: number) => world.squatterLinks(pick, true),
  'squatter begins to link': (world: World, pick: number) => world.squatterLinks(pick, false),
  'squatter enrols': (world: World, pick: number) => world.squatterEnrols(pick),
  'squatter changes the password': (world: World, pick: number) =>
    world.squatterChangesPassword(pick),
  'squatter refreshes': (world: World, pick: number) => world.squatterRefreshes(pick),
  'squatter moves away': (world: World, pick: number) => world.squatterMovesAway(pick),
  'owner registers': (world: World) => world.ownerRegisters(),
  'owner forgets': (world: World) => world.ownerForgets(),
  'owner resets': (world: World, pick: number) => world.ownerResets(pick),
  'owner confirms': (world: World, pick: number) => world.ownerConfirms(pick, false),
  'owner confirms signed in': (world: World, pick: number) => world.ownerConfirms(pick, true),
  'owner comes by provider': (world: World) => world.ownerComesByProvider(),
}

export type Step = keyof typeof STEPS
export const ALL_STEPS = Object.keys(STEPS) as Step[]
