import { sql, waitFor } from '../../../support/stack.ts'
import { enrolWith, giveCode, type Holdings, type Scene, signIn } from './scene.ts'
import { ask, beginLink, type Json, linkFor, mailbox, signInWith } from './stage.ts'

/** What somebody can do who has made accounts with another's address. What is not possible does nothing. */

type Act = (scene: Scene, pick: number) => Promise<void>

export const squat: Act = async (scene) => {
  if (scene.held.size >= 2) return
  const { id, password } = await scene.register('s')
  scene.hold(id, password)
}

export const comeIn: Act = async (scene, pick) => {
  const [id, held] = scene.squatted(pick)
  if (!id || !held) return
  const username = scene.nameOf(id)
  const password = held.passwords.at(-1)
  if (!username || !password) return
  const body = await signIn(id, username, password, held.secrets.at(-1) ?? null)
  if (body.mfa_token) held.mfaTokens.push(String(body.mfa_token))
  keepTokens(held, body)
}

/** As far as the question for a code. */
export const beginToComeIn: Act = async (scene, pick) => {
  const [id, held] = scene.squatted(pick)
  if (!id || !held) return
  const username = scene.nameOf(id)
  const { body } = await ask('/api/auth/login', { username, password: held.passwords.at(-1) })
  if (body.mfa_token) held.mfaTokens.push(String(body.mfa_token))
}

function keepTokens(held: Holdings, body: Json): void {
  if (!body.access_token) return
  held.tokens.push(String(body.access_token))
  if (body.refresh_token) held.refreshTokens.push(String(body.refresh_token))
}

/** A call with the squatter's last token. */
async function asSquatter(
  scene: Scene,
  pick: number,
  path: string,
  json: (held: Holdings) => Json,
) {
  const [, held] = scene.squatted(pick)
  const token = held?.tokens.at(-1)
  if (!held || !token) return null
  const { status, body } = await ask(path, json(held), token)
  return status < 300 ? { held, token, body } : null
}

export const makeKey: Act = async (scene, pick) => {
  const made = await asSquatter(scene, pick, '/api/api-keys', () => ({}))
  if (made) made.held.keys.push(String(made.body.key))
}

const link =
  (isFinished: boolean): Act =>
  async (scene, pick) => {
    const [, held] = scene.squatted(pick)
    const token = held?.tokens.at(-1)
    if (!held || !token) return
    const begun = await beginLink(token, scene.theirs)
    if (!begun) return
    if (isFinished) await begun.finish()
    else held.begun.push(begun)
  }
export const addIdentity = link(true)
export const beginToAddIdentity = link(false)

export const removeIdentities: Act = async (scene, pick) => {
  const [, held] = scene.squatted(pick)
  const token = held?.tokens.at(-1)
  if (!token) return
  const { body } = await ask('/api/auth/identities', undefined, token)
  for (const { id } of (body.identities ?? []) as { id: number }[])
    await ask(`/api/auth/identities/${id}`, undefined, token, 'DELETE')
}

export const comeByProvider: Act = async (scene) => {
  const landed = await signInWith(scene.theirs)
  const held = landed?.id ? scene.held.get(landed.id) : undefined
  if (held && landed?.token) held.tokens.push(landed.token)
}

export const enrol: Act = async (scene, pick) => {
  const [, held] = scene.squatted(pick)
  const token = held?.tokens.at(-1)
  if (!held || !token) return
  const secret = await enrolWith(token, held.passwords.at(-1))
  if (secret) held.secrets.push(secret)
}

export const changePassword: Act = async (scene, pick) => {
  const password = `pw-${crypto.randomUUID()}`
  const changed = await asSquatter(scene, pick, '/api/auth/change-password', (held) => ({
    old_password: held.passwords.at(-1),
    new_password: password,
  }))
  changed?.held.passwords.push(password)
}

export const refresh: Act = async (scene, pick) => {
  const [, held] = scene.squatted(pick)
  const token = held?.refreshTokens.at(-1)
  if (!held || !token) return
  keepTokens(held, (await ask('/api/auth/refresh', { refresh_token: token })).body)
}

/** A mail; what could not be sent at once waits for cron, which does not run here. */
const arrived = (isThere: () => boolean) =>
  waitFor(async () => isThere(), 3_000).catch(() => undefined)

/** To the squatter's own mailbox. */
export const moveAway: Act = async (scene, pick) => {
  const before = mailbox(scene.elsewhere).length
  const begun = await asSquatter(scene, pick, '/api/auth/change-email', (held) => ({
    new_email: scene.elsewhere,
    password: held.passwords.at(-1),
  }))
  if (!begun) return
  await arrived(() => mailbox(scene.elsewhere).length > before)
  const [id] = scene.squatted(pick)
  const token = linkFor(scene.elsewhere, scene.nameOf(id ?? 0) ?? '', /./)
  if (token) begun.held.changes.push(token)
}

/** An account that is proven to be the squatter's asks for the address. */
export const moveIn: Act = async (scene) => {
  if (scene.held.size >= 3) return
  const from = `own-${scene.elsewhere}`
  if (mailbox(from).length > 0) return
  const { id, username, password } = await scene.register('m', from)
  const held = scene.hold(id, password)
  keepTokens(held, await signIn(id, username, password, null))
  const token = held.tokens[0] ?? ''
  await arrived(() => mailbox(from).length > 0)
  const proof = { token: linkFor(from, username, /Confirm/) }
  if ((await ask('/api/auth/verify-email', proof, token)).status !== 200) return
  const change = { new_email: scene.email, password }
  if ((await ask('/api/auth/change-email', change, token)).status !== 202) return
  await arrived(() => linkFor(from, username, /is about to change/) !== null)
  await ask('/api/auth/confirm-email', { token: linkFor(from, username, /is about to change/) })
}

/** @returns every way into the account that the squatter still has */
export async function waysOf(scene: Scene, id: number, held: Holdings): Promise<string[]> {
  const ways: string[] = []
  for (const begun of held.begun) await begun.finish()
  for (const token of held.changes) await ask('/api/auth/confirm-email', { token })
  const opens = async (token: string) =>
    (await ask('/api/auth/me', undefined, token)).status === 200
  for (const token of held.tokens) if (await opens(token)) ways.push('token')
  for (const key of held.keys) if (await opens(key)) ways.push('key')
  for (const refresh_token of held.refreshTokens)
    if ((await ask('/api/auth/refresh', { refresh_token })).status === 200) ways.push('refresh')
  for (const mfaToken of held.mfaTokens)
    for (const secret of held.secrets)
      if ((await giveCode(id, mfaToken, secret)).access_token) ways.push('second step')
  const username = scene.nameOf(id)
  for (const password of held.passwords)
    if ((await ask('/api/auth/login', { username, password })).status === 200) ways.push('password')
  const [row] = await sql`select email, exists (select 1 from identities i
    where i.user_id = u.id and i.subject = ${scene.theirs.sub}) as is_linked from users u where id = ${id}`
  if (row?.is_linked) ways.push('identity')
  if (row?.email !== scene.email) ways.push('address moved away')
  return ways
}
