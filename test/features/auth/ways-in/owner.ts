import { sql, waitFor } from '../../../support/stack.ts'
import { enrolWith, newOwned, newPassword, type Scene, signIn } from './scene.ts'
import { ask, linkFor, signInWith } from './stage.ts'

/** What the person can do who reads at the address. What is not possible does nothing. */

type Act = (scene: Scene, pick: number) => Promise<void>

export const register: Act = async (scene) => {
  if (scene.accounts.length >= 3) return
  const { id, username, password } = await scene.register('o')
  const { access_token: token } = await signIn(id, username, password, null)
  if (token) scene.session = { id, token: String(token) }
}

/** Nothing waits to be sent any more; what could not be sent at once waits for cron, which does not run here. */
function mailsToArrive(scene: Scene) {
  const isSent = async () =>
    (await sql`select 1 from mail_outbox where recipient = ${scene.email}`).length === 0
  return waitFor(isSent, 3_000).catch(() => undefined)
}

/** As if the last mails had come a while ago. */
const letMinutesPass = (scene: Scene) =>
  sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
    where user_id in (select id from users where email = ${scene.email})`

export const forget: Act = async (scene) => {
  await letMinutesPass(scene)
  await ask('/api/auth/forgot-password', { email: scene.email })
  await mailsToArrive(scene)
}

export const askForLink: Act = async (scene) => {
  await letMinutesPass(scene)
  await ask('/api/auth/resend-verification', { email: scene.email })
  await mailsToArrive(scene)
}

/** One of the newest links of that kind, of those for each account. */
function chooseLink(scene: Scene, subject: RegExp, pick: number) {
  const links = scene.accounts.flatMap(({ id, username }) => {
    const token = linkFor(scene.email, username, subject)
    return token ? [{ id, token }] : []
  })
  return links[pick % (links.length || 1)] ?? null
}

export const reset: Act = async (scene, pick) => {
  const link = chooseLink(scene, /Choose a new/, pick)
  if (!link) return
  const password = newPassword()
  const json = { token: link.token, new_password: password, end_api_keys: false }
  const { status } = await ask('/api/auth/reset-password', json)
  if (status !== 200) return
  scene.owned.set(link.id, { ...(scene.owned.get(link.id) ?? newOwned()), password })
}

const confirm =
  (isSignedIn: boolean): Act =>
  async (scene, pick) => {
    await mailsToArrive(scene)
    const link = chooseLink(scene, /Confirm your e-mail/, pick)
    if (!link) return
    const isHolder = isSignedIn && scene.session?.id === link.id
    const holder = isHolder ? scene.session?.token : undefined
    await ask('/api/auth/verify-email', { token: link.token }, holder)
  }
export const confirmAnywhere = confirm(false)
export const confirmSignedIn = confirm(true)

/** To whoever asks to have the address for an account that is somebody else's. */
export const agreeToMove: Act = async (scene, pick) => {
  await mailsToArrive(scene)
  const link = chooseLink(scene, /Confirm your new/, pick)
  if (link) await ask('/api/auth/confirm-email', { token: link.token })
}

export const comeByProvider: Act = async (scene) => {
  const landed = await signInWith(scene.mine)
  if (!landed?.id || !landed.token) return
  scene.session = { id: landed.id, token: landed.token }
  if (!scene.owned.has(landed.id)) scene.owned.set(landed.id, newOwned())
}

export const comeIn: Act = async (scene, pick) => {
  const all = [...scene.owned]
  const [id, owned] = all[pick % (all.length || 1)] ?? []
  const username = id && scene.nameOf(id)
  if (!username || !owned?.password) return
  const body = await signIn(id, username, owned.password, owned.secret)
  if (body.access_token) scene.session = { id, token: String(body.access_token) }
}

/** The account where the owner is signed in, if they have got into it. */
function here(scene: Scene) {
  const owned = scene.session && scene.owned.get(scene.session.id)
  return owned && scene.session ? { owned, token: scene.session.token } : null
}

export const makeKey: Act = async (scene) => {
  const at = here(scene)
  const { status, body } = at ? await ask('/api/api-keys', {}, at.token) : { status: 0, body: {} }
  if (at && status === 201) at.owned.keys.push(String((body as { key: string }).key))
}

export const enrol: Act = async (scene) => {
  const at = here(scene)
  if (!at || at.owned.secret) return
  at.owned.secret = await enrolWith(at.token, at.owned.password)
}

/** @returns what the owner should have of an account that they have got into, and has not */
export async function lossesOf(scene: Scene, id: number): Promise<string[]> {
  const { password, keys, secret } = scene.owned.get(id) ?? newOwned()
  const losses: string[] = []
  for (const key of keys)
    if ((await ask('/api/auth/me', undefined, key)).status !== 200) losses.push("the owner's key")
  const username = scene.nameOf(id)
  if (password === null || !username) return losses
  const body = await signIn(id, username, password, secret)
  if (!body.access_token) losses.push('the owner is locked out')
  // A mailbox alone must not get around the second factor.
  if (secret && !body.mfa_token) losses.push("the owner's authenticator app")
  return losses
}
