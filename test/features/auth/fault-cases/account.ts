import { randomUUID } from 'node:crypto'
import { sql } from '../../../support/stack.ts'
import { type Cases, newPeople, on, type Store, userRow } from './case.ts'

const NO_ID = '2147483647'
const REDIS: Store[] = ['redis']

/** What people do with their own account. */
export async function account(baseUrl: string): Promise<Cases> {
  const { rename, gone, move, read } = await newPeople(
    baseUrl,
    ...(['rename', 'gone', 'move', 'read'] as const),
  )
  const name = `r${randomUUID().slice(0, 10)}`
  const { token } = read
  return {
    ...on(
      'POST /api/auth/register',
      { json: { username: name, password: `pw-${name}-long` } },
      { state: () => sql`select username from users where username = ${name}` },
    ),
    ...on('GET /api/auth/check-username', {
      path: `/api/auth/check-username?username=${name}`,
    }),
    ...on(
      'PUT /api/users/me',
      { token: rename.token, json: { username: `${name}x` } },
      { state: userRow(rename) },
    ),
    ...on(
      'POST /api/auth/change-email',
      { token: move.token, json: { new_email: `${name}@example.com` } },
      { state: () => sql`select new_email from email_changes where user_id = ${move.id}` },
    ),
    ...on('DELETE /api/users/me', { token: gone.token, json: {} }, { state: userRow(gone) }),
    ...on('GET /api/auth/me', { token }),
    ...on('GET /api/users/me', { token }),
    ...on('GET /api/users/me/export', { token }),
    ...on('GET /api/users/me/grants', { token }),
    ...on(
      'DELETE /api/users/me/grants',
      { token, path: '/api/users/me/grants?client_id=nobody' },
      { answers: [404] },
    ),
    ...ownClients(token),
    ...on('GET /api/auth/events', { token }),
    ...on('GET /api/auth/mfa', { token }),
    ...identities(token),
    ...providers(),
  }
}

/** Applications of people's own, where the operator lets them have none. */
function ownClients(token: string): Cases {
  const path = '/api/users/me/clients'
  const one = `${path}/nobody`
  const json = { name: 'mine', redirect_uris: ['https://app.example.com/callback'] }
  return {
    ...on(`GET ${path}`, { token }),
    ...on(`POST ${path}`, { token, json }, { needs: REDIS, answers: [403] }),
    ...on(`GET ${path}/:id`, { token, path: one }, { answers: [404] }),
    ...on(`PATCH ${path}/:id`, { token, path: one, json }, { answers: [404] }),
    ...on(`POST ${path}/:id/secret`, { token, path: `${one}/secret` }, { answers: [404] }),
    ...on(`DELETE ${path}/:id`, { token, path: one }, { answers: [404] }),
  }
}

/** Sign-ins through a provider that there is. */
function identities(token: string): Cases {
  const missing = (route: string) =>
    on(route, { token, path: route.split(' ')[1]?.replace(':id', NO_ID) ?? '' }, { answers: [404] })
  return {
    ...on('GET /api/auth/identities', { token }),
    ...missing('DELETE /api/auth/identities/:id'),
    ...missing('POST /api/auth/identities/:id/sync'),
    ...on(
      'POST /api/auth/identities/:provider',
      { token, path: '/api/auth/identities/nobody' },
      { needs: REDIS, answers: [404] },
    ),
  }
}

/** Without a provider that is configured, what counts calls is all that they reach. */
function providers(): Cases {
  const routes = [
    'GET /api/auth/sso/initiate',
    'GET /api/auth/sso/callback',
    'GET /api/auth/github/login',
    'POST /api/auth/github/callback',
    'GET /api/auth/oidc/:provider/login',
    'GET /api/auth/oidc/:provider/callback',
    'POST /api/auth/oidc/:provider/callback',
    'POST /api/auth/oauth/:provider',
    'GET /api/oauth/:provider/login',
    'GET /api/oauth/:provider/callback',
  ]
  return Object.assign(
    {},
    ...routes.map((route) =>
      on(
        route,
        { path: route.split(' ')[1]?.replace(':provider', 'nobody') ?? '' },
        { needs: REDIS, answers: [400, 404] },
      ),
    ),
  ) as Cases
}
