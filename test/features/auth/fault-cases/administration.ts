import { randomUUID } from 'node:crypto'
import { newAdmin } from '../../../support/admin.ts'
import { enrol } from '../../../support/second-factor.ts'
import { newPerson, sql, type TestPerson } from '../../../support/stack.ts'
import { type Case, type Cases, factorOf, newPeople, on, userRow } from './case.ts'

type Asking = (route: string, path: string, json?: unknown, how?: Partial<Case>) => Cases

/** What administrators do. */
export async function administration(baseUrl: string): Promise<Cases> {
  const { token } = await newAdmin(baseUrl)
  const asking: Asking = (route, path, json, how) =>
    on(route, { token, path, ...(json !== undefined && { json }) }, how)
  return {
    ...(await byNumber(asking, baseUrl)),
    ...(await byName(asking, baseUrl)),
    ...asking('GET /api/admin/audit', '/api/admin/audit'),
    ...asking('POST /api/admin/signing-keys/rotate', '/api/admin/signing-keys/rotate', undefined, {
      state: () => sql`select id, retired_at from signing_keys order by id`,
    }),
  }
}

async function byNumber(asking: Asking, baseUrl: string): Promise<Cases> {
  const people = await newPeople(
    baseUrl,
    ...(['ban', 'unban', 'change', 'gone', 'out', 'locked'] as const),
  )
  const { ban, unban, change, gone, out, locked } = people
  const enrolled = await enrol(await newPerson(baseUrl))
  await sql`update users set is_active = false, banned_at = now() where id = ${unban.id}`
  const name = `a${randomUUID().slice(0, 10)}`
  const of = (
    person: TestPerson,
    route: string,
    json?: unknown,
    state: Case['state'] = async () => [],
  ) => {
    const path = route.split(' ')[1]?.replace(':id', String(person.id)) ?? ''
    return asking(route, path, json, { state })
  }
  return {
    ...asking('GET /api/admin/users', '/api/admin/users'),
    ...asking(
      'POST /api/admin/users',
      '/api/admin/users',
      { username: name, password: `pw-${name}-long` },
      { state: () => sql`select username from users where username = ${name}` },
    ),
    ...of(change, 'GET /api/admin/users/:id'),
    ...of(change, 'GET /api/admin/users/:id/sessions'),
    ...of(change, 'GET /api/admin/users/:id/api-keys'),
    ...of(change, 'GET /api/admin/users/:id/quotas'),
    ...of(change, 'GET /api/admin/users/:id/ledger'),
    ...of(
      change,
      'PUT /api/admin/users/:id',
      { role: 'guest', password: `new-${name}` },
      userRow(change),
    ),
    ...of(ban, 'POST /api/admin/users/:id/ban', { reason: 'test' }, userRow(ban)),
    ...of(unban, 'POST /api/admin/users/:id/unban', undefined, userRow(unban)),
    ...of(gone, 'DELETE /api/admin/users/:id', undefined, userRow(gone)),
    ...of(out, 'POST /api/admin/users/:id/logout'),
    ...of(locked, 'POST /api/admin/users/:id/unlock'),
    ...of(enrolled, 'POST /api/admin/users/:id/reset-mfa', undefined, factorOf(enrolled)),
  }
}

async function byName(asking: Asking, baseUrl: string): Promise<Cases> {
  const { gone, rename, password, status } = await newPeople(
    baseUrl,
    ...(['gone', 'rename', 'password', 'status'] as const),
  )
  const name = `b${randomUUID().slice(0, 10)}`
  const by = (route: string, json: unknown, state: Case['state']) =>
    // Whoever has another name by now is not found by the old one.
    asking(route, route.split(' ')[1] ?? '', json, { state, answers: [200, 201, 401] })
  return {
    ...by(
      'POST /api/users/add_user',
      { username: name, password: `pw-${name}-long` },
      () => sql`select username from users where username = ${name}`,
    ),
    ...by('POST /api/users/delete_user', { username: gone.username }, userRow(gone)),
    ...by(
      'PUT /api/users/update_username',
      { old_username: rename.username, new_username: `${name}y` },
      userRow(rename),
    ),
    ...by(
      'PUT /api/users/update_password',
      { username: password.username, new_password: `new-${name}` },
      userRow(password),
    ),
    ...by(
      'PUT /api/users/set_user_active_status',
      { username: status.username, is_active: false },
      userRow(status),
    ),
  }
}
