import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { mapBounded } from '../../platform/bounded.ts'
import { type PluginClient, PluginError } from '../../ports/plugin-client.ts'
import { requirePlugin } from './client.ts'
import { toAppError } from './explain.ts'
import { openPluginKey } from './key.ts'
import { pluginPath } from './path.ts'
import { provision } from './provision.ts'
import { beginAnew, findPluginAccount, type PluginAccountRow, pageOfAccounts } from './queries.ts'

const AT_ONCE = 4

export const STANDINGS = ['ok', 'pending', 'missing', 'disabled', 'key_refused', 'unknown'] as const
export type Standing = (typeof STANDINGS)[number]

const PluginUsers = z.array(z.object({ user_id: z.string(), status: z.coerce.number() }))
/** Whom the plug-in knows, and whether it lets them in. */
type Known = ReadonlyMap<string, number>

/**
 * How a page of people stands at the plug-in: each key is tried.
 *
 * @param after the last person of the page before
 * @throws {AppError} `forbidden`, `plugin_not_configured`, and what the plug-in's list of users says
 */
export async function listStandings(ctx: Ctx, { after, limit }: { after: number; limit: number }) {
  requirePermission(ctx, 'users:read')
  const plugin = requirePlugin(ctx.services.plugin)
  const [known, rows] = await Promise.all([
    readUsers(plugin),
    pageOfAccounts(ctx.services.db, after, limit),
  ])
  const items = await mapBounded(rows, AT_ONCE, async ({ account, username }) => ({
    user_id: account.userId,
    username,
    plugin_user_id: account.pluginUserId,
    standing: await standingOf(ctx, { plugin, known, account }),
  }))
  return { items, next: rows.length < limit ? null : (items.at(-1)?.user_id ?? null) }
}

/**
 * Mends how a person stands at the plug-in: one who is switched off there is let in again, and for
 * everybody else whose key is of no use a user is looked for by its name, or made, and gets a new key.
 *
 * @returns how they stand then
 * @throws {AppError} `forbidden`, `not_found`, `plugin_not_configured`, and what the plug-in says
 */
export async function mendStanding(ctx: Ctx, userId: number): Promise<Standing> {
  requirePermission(ctx, 'users:write')
  const plugin = requirePlugin(ctx.services.plugin)
  let standing = await standingNow(ctx, plugin, userId)
  if (standing === 'disabled') {
    await letIn(ctx, plugin, userId)
    standing = await standingNow(ctx, plugin, userId)
  }
  if (standing === 'ok' || standing === 'disabled') return standing
  await beginAnew(ctx.services.db, userId, new Date(ctx.clock.now()))
  await forgetPerson(ctx, userId)
  const isMade = await provision(ctx, userId)
  forgetPersonHere(userId)
  if (isMade) await auditRow(ctx, { event: 'user.plugin_key_replaced', userId })
  return standingNow(ctx, plugin, userId)
}

async function standingNow(ctx: Ctx, plugin: PluginClient, userId: number): Promise<Standing> {
  const account = await findPluginAccount(ctx.services.db, userId)
  if (!account) throw new AppError('not_found', 'This person has no account at the AI service.')
  return standingOf(ctx, { plugin, known: await readUsers(plugin), account })
}

async function standingOf(
  ctx: Ctx,
  { plugin, known, account }: { plugin: PluginClient; known: Known; account: PluginAccountRow },
): Promise<Standing> {
  const { userId, pluginUserId, keyCiphertext } = account
  if (account.state !== 'ready' || pluginUserId === null || keyCiphertext === null) return 'pending'
  const status = known.get(pluginUserId)
  if (status === undefined) return 'missing'
  if (status !== 1) return 'disabled'
  try {
    // A key that cannot be opened any more is of no use either.
    const key = await openPluginKey(ctx, userId, keyCiphertext).catch(() => null)
    if (key === null) return 'key_refused'
    await plugin.call({ as: 'user', key }, { method: 'GET', path: '/api/user/me' }, z.unknown())
    return 'ok'
  } catch (error) {
    return error instanceof PluginError && error.status === 401 ? 'key_refused' : 'unknown'
  }
}

async function letIn(ctx: Ctx, plugin: PluginClient, userId: number): Promise<void> {
  const id = (await findPluginAccount(ctx.services.db, userId))?.pluginUserId ?? ''
  const path = pluginPath`/api/users/${id}/status`
  await plugin
    .call({ as: 'admin' }, { method: 'PUT', path, body: { status: 1 } }, z.unknown())
    .catch((error: unknown) => {
      throw toAppError(error)
    })
}

async function readUsers(plugin: PluginClient): Promise<Known> {
  try {
    const path = '/api/users'
    const all = await plugin.call({ as: 'admin' }, { method: 'GET', path }, PluginUsers)
    return new Map(all.map(({ user_id, status }) => [user_id, status]))
  } catch (error) {
    throw toAppError(error, {
      401: refusesUs,
      403: refusesUs,
    })
  }
}

const refusesUs = () =>
  new AppError('upstream_error', 'The AI service refuses PLUGIN_API_ADMIN_KEY.')
