import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { PluginRequest } from '../../ports/plugin-client.ts'
import { callAsPerson, type Meanings, pluginPath, pluginVersion } from '../plugin/index.ts'
import { changingAccounts } from './changing-accounts.ts'
import { accountUnknown } from './failures.ts'
import { AccountDetail, Projects } from './newer-schemas.ts'
import { PluginAccount } from './schemas.ts'

/** The plug-in asks upstream. */
const TIMEOUT_MS = 20_000

/**
 * A call that only the newer plug-in knows.
 *
 * @throws {AppError} `not_found` where the older one stands behind us
 */
export async function askNewer<Data>(
  ctx: Ctx,
  request: PluginRequest,
  schema: z.ZodType<Data>,
  meanings: Meanings,
): Promise<Data> {
  const { plugin } = ctx.services
  if (plugin && (await pluginVersion(plugin)) === 'older') {
    throw new AppError('not_found', 'The AI service behind this server is too old for that.')
  }
  return callAsPerson(ctx, { timeoutMs: TIMEOUT_MS, ...request }, schema, meanings)
}

/**
 * Has the sign-in of an account renewed.
 *
 * @throws {AppError} `not_found`, `invalid_request` where its vendor refuses it
 */
export function refreshAccount(ctx: Ctx, cookieId: string): Promise<PluginAccount> {
  const path = pluginPath`/api/accounts/${cookieId}/refresh`
  return changingAccounts(ctx, () =>
    askNewer(ctx, { method: 'POST', path }, PluginAccount, { ...accountUnknown, 400: refused }),
  )
}

const refused = () =>
  new AppError(
    'invalid_request',
    'The vendor refuses to renew this account. Delete it and authorize it again.',
  )

/** @throws {AppError} `not_found` */
export function showDetail(ctx: Ctx, cookieId: string): Promise<z.output<typeof AccountDetail>> {
  const path = pluginPath`/api/accounts/${cookieId}/detail`
  return askNewer(ctx, { method: 'GET', path }, AccountDetail, accountUnknown)
}

/** @throws {AppError} `not_found` */
export function listProjects(ctx: Ctx, cookieId: string): Promise<z.output<typeof Projects>> {
  const path = pluginPath`/api/accounts/${cookieId}/projects`
  return askNewer(ctx, { method: 'GET', path }, Projects, accountUnknown)
}

/** @throws {AppError} `not_found` */
export function setProject(ctx: Ctx, cookieId: string, projectId: string): Promise<PluginAccount> {
  const path = pluginPath`/api/accounts/${cookieId}/project-id`
  const request = { method: 'PUT', path, body: { project_id: projectId } } as const
  return askNewer(ctx, request, PluginAccount, accountUnknown)
}
