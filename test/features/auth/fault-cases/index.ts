import { account } from './account.ts'
import { administration } from './administration.ts'
import type { Cases } from './case.ts'
import { recovery } from './recovery.ts'
import { secondFactor } from './second-factor.ts'

export type { Case, Cases, Store } from './case.ts'

/** One call of each kind, each with a person of its own where it changes something. */
export async function newCases(baseUrl: string): Promise<Cases> {
  const parts = await Promise.all([
    recovery(baseUrl),
    account(baseUrl),
    secondFactor(baseUrl),
    administration(baseUrl),
  ])
  return Object.assign({}, ...parts) as Cases
}

/** Routes of authentication and of user management that have no case here. */
export const ELSEWHERE: readonly string[] = [
  // In test/features/sessions/faults.test.ts.
  'POST /api/auth/login',
  'POST /api/auth/refresh',
  'POST /api/auth/logout',
  'POST /api/auth/logout-all',
  'GET /api/auth/sessions',
  'GET /api/auth/sessions/current',
  'DELETE /api/auth/sessions/:id',
  'GET /api/admin/signing-keys',
  // Asks no store.
  'GET /api/auth/oidc/providers',
]

/** Of all routes those that are about signing in and about people; keys have addresses among them. */
export const isAboutPeople = (path: string) =>
  /^\/api\/(auth|users|oauth|admin\/(users|audit|signing-keys))(\/|$)/.test(path) &&
  !path.startsWith('/api/users/api-keys')
