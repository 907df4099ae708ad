import type { Actor, Ctx } from './context.ts'
import { ROLES, type Role } from './db/schema/users.ts'
import { AppError } from './errors.ts'
import type { ApplicationScope, Scope } from './scopes.ts'

/**
 * Everything that takes more than being signed in, with the scope that lets an API key do it. Null:
 * only a signed-in person may, never a key.
 */
const PERMISSIONS = {
  'users:read': 'read:users',
  'users:write': 'write:users',
  'audit:read': 'read:audit',
  'models:manage': 'write:models',
  'usage:read-all': 'read:usage',
  'quotas:manage': null,
  'oauth-clients:manage': null,
  'signing-keys:manage': null,
  'jobs:manage': null,
  'settings:read': null,
} as const satisfies Record<string, Scope | null>
export type Permission = keyof typeof PERMISSIONS

/** The one place that says what a role may. */
const ROLE_PERMISSIONS: Record<Role, ReadonlySet<Permission>> = {
  admin: new Set(Object.keys(PERMISSIONS) as Permission[]),
  model_manager: new Set<Permission>(['models:manage']),
  user: new Set<Permission>(),
  guest: new Set<Permission>(),
}

/** Whether an API key may carry what this takes; otherwise only a signed-in person may. */
export function isForKeys(permission: Permission): boolean {
  return PERMISSIONS[permission] !== null
}

export function roleHas(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].has(permission)
}

/**
 * First line of a verb that not everybody may use. Cron may everything.
 *
 * A key does administrative work only if it was made for that, by somebody whose role had it then and
 * has it now: it must carry the scope by name.
 *
 * @throws {AppError} `not_authenticated`, `forbidden`
 */
export function requirePermission(ctx: Pick<Ctx, 'actor'>, permission: Permission): void {
  const { actor } = ctx
  if (actor.type === 'system') return
  if (actor.type === 'anonymous') throw new AppError('not_authenticated')
  if (!roleHas(actor.role, permission))
    throw new AppError('forbidden', 'Your role does not allow this.')
  if (actor.type === 'session') return
  if (!roleHas(actor.madeAs, permission))
    throw new AppError('forbidden', 'This key was made before you had the role that this takes.')
  const scope = PERMISSIONS[permission]
  if (!scope)
    throw new AppError('forbidden', 'This call needs an access token; an API key is not enough.')
  if (!actor.scopes?.includes(scope)) throw missingScope(actor, scope)
}

/** Scopes that let a key do nothing but administrative work, with the permission that it takes. */
const ADMINISTRATIVE_SCOPES: Partial<Record<Scope, Permission>> = {
  'read:audit': 'audit:read',
  'write:models': 'models:manage',
}

/**
 * Which of these scopes are above a role: a key of its owner could never use them.
 */
export function scopesAbove<Asked extends string>(role: Role, scopes: readonly Asked[]): Asked[] {
  return scopes.filter((scope) => {
    const permission = (ADMINISTRATIVE_SCOPES as Record<string, Permission | undefined>)[scope]
    return permission !== undefined && !roleHas(role, permission)
  })
}

/**
 * Roles that a credential may neither give nor touch the holders of. A key must not make of anybody
 * what it is not itself: somebody whose password it sets could then do what no key may.
 */
export function rolesOutOfReach({ actor }: Pick<Ctx, 'actor'>): Role[] {
  if (actor.type !== 'api_key' && actor.type !== 'oauth') return []
  return ROLES.filter((role) =>
    [...ROLE_PERMISSIONS[role]].some((permission) => {
      const scope = PERMISSIONS[permission]
      return scope === null || !actor.scopes?.includes(scope)
    }),
  )
}

/**
 * Whether the credential reaches this far: access tokens and keys without scopes do.
 *
 * @throws {AppError} `insufficient_scope`
 */
export function requireScope(ctx: Pick<Ctx, 'actor'>, scope: Scope): void {
  const { actor } = ctx
  if (actor.type === 'api_key' && actor.scopes && !actor.scopes.includes(scope))
    throw missingScope(actor, scope)
  if (actor.type === 'oauth' && !reaches(actor.scopes, scope)) throw missingScope(actor, scope)
}

/** Of what a key needs `read:users` for, an application only ever needs the person's own. */
function reaches(scopes: readonly ApplicationScope[], scope: Scope): boolean {
  return scopes.includes(scope) || (scope === 'read:users' && scopes.includes('read:profile'))
}

/**
 * The same for what a key does only if it was made for that: one without scopes does not.
 *
 * @throws {AppError} `insufficient_scope`
 */
export function requireNamedScope(ctx: Pick<Ctx, 'actor'>, scope: Scope): void {
  const { actor } = ctx
  const { scopes } =
    actor.type === 'api_key' || actor.type === 'oauth' ? actor : { scopes: [scope] }
  if (!scopes?.includes(scope)) throw missingScope(actor, scope)
}

/** RFC 6750 §3.1: `insufficient_scope`, and which one would do. */
function missingScope(actor: Actor, scope: Scope): AppError {
  const credential = actor.type === 'oauth' ? 'access token' : 'API key'
  return new AppError('insufficient_scope', `This ${credential} lacks the scope "${scope}".`, {
    headers: {
      'www-authenticate': `Bearer realm="shared-accounts", error="insufficient_scope", scope="${scope}"`,
    },
  })
}
