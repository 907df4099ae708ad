import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { newAdmin, newPersonOf } from '../../support/admin.ts'
import { call, newPerson, sql, stack } from '../../support/stack.ts'

const ENTRY = join(import.meta.dirname, '../../../dev/cli/user.ts')

interface Outcome {
  status: number
  stdout: string
  stderr: string
}

/** Runs `npm run user` against the shared stack, as against any deployment. */
async function user(args: string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const names = [
    'DATABASE_URL',
    'NEON_FETCH_ENDPOINT',
    'UPSTASH_REDIS_REST_URL',
    'UPSTASH_REDIS_REST_TOKEN',
  ]
  const deployment = Object.fromEntries(names.map((name) => [name, stack.bindings[name] ?? '']))
  return promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ENTRY, ...args],
    { env: { PATH: process.env.PATH, ...deployment, ...environment } },
  ).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      status: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }),
  )
}

describe('npm run user', () => {
  it('makes the first administrator, who can sign in and administrate', async () => {
    const username = `boss${randomUUID().slice(0, 8)}`
    const password = `pw-${randomUUID()}`
    const made = await user([
      'create',
      '--role',
      'admin',
      '--username',
      username,
      '--email',
      `${username}@example.com`,
      '--password',
      password,
    ])
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(made.stdout).not.toContain(password)
    const login = await call('/api/auth/login', { json: { username, password } })
    expect(login.body).toMatchObject({ role: 'admin', user: { is_verified: true } })
    const token = String(login.body.access_token)
    expect((await call('/api/admin/users', { token })).status).toBe(200)
  })

  it('makes a password up where none is given, and shows it', async () => {
    const username = `boss${randomUUID().slice(0, 8)}`
    const { stdout } = await user(['create', '--username', username])
    const password = /^Password: (\S+)$/m.exec(stdout)?.[1]
    expect((await call('/api/auth/login', { json: { username, password } })).status).toBe(200)
  })

  it('gives a new password, which ends all sessions', async () => {
    const person = await newPerson()
    const password = `pw-${randomUUID()}`
    const { status } = await user([
      'reset-password',
      '--email',
      person.email,
      '--password',
      password,
    ])
    expect(status).toBe(0)
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(401)
    const login = await call('/api/auth/login', { json: { username: person.username, password } })
    expect(login.status).toBe(200)
  })

  it('lets somebody in again who is banned or switched off, an administrator too', async () => {
    const [banned, off] = [await newPersonOf('admin'), await newPersonOf('admin')]
    const admin = await newAdmin()
    const reason = { reason: 'a test' }
    await call(`/api/admin/users/${banned.id}/ban`, { token: admin.token, json: reason })
    await call(`/api/admin/users/${off.id}`, {
      method: 'PUT',
      token: admin.token,
      json: { is_active: false },
    })
    for (const person of [banned, off]) {
      const login = () =>
        call('/api/auth/login', { json: { username: person.username, password: person.password } })
      expect((await login()).status).toBe(403)
      const { status, stdout } = await user(['restore', '--username', person.username])
      expect([status, stdout.trim()]).toEqual([
        0,
        `${person.username} (id ${person.id}) may sign in again.`,
      ])
      expect((await login()).status).toBe(200)
    }
    const [row] = await sql`select banned_at, ban_reason from users where id = ${banned.id}`
    expect(row).toEqual({ banned_at: null, ban_reason: null })
    expect((await user(['restore', '--username', 'nobody-here'])).status).toBe(1)
  })

  it('says in one line what is wrong, without a stack or a secret', async () => {
    const person = await newPerson()
    for (const [args, environment, message] of [
      [['create', '--username', person.username], {}, /taken/],
      [['create', '--username', 'somebody', '--password', 'short'], {}, /at least 8/],
      [['create', '--username', 'somebody', '--role', 'king'], {}, /role/],
      [['reset-password', '--username', randomUUID()], {}, /nobody/],
      [
        ['reset-password', '--username', person.username],
        { UPSTASH_REDIS_REST_URL: '' },
        /UPSTASH_REDIS_REST_URL/,
      ],
      [
        ['create', '--username', 'somebody'],
        { NEON_FETCH_ENDPOINT: 'http://127.0.0.1:9/sql' },
        /database/,
      ],
    ] as [string[], Record<string, string>, RegExp][]) {
      const { status, stderr } = await user(args, environment)
      expect(status).toBe(1)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toMatch(message)
      expect(stderr).not.toContain(stack.bindings.DATABASE_URL)
    }
  })
})
