import { spawn } from 'node:child_process'
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chat } from '../../support/chat.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { bringAccount, call, newPerson, type TestPerson } from '../../support/stack.ts'

const ENTRY = join(import.meta.dirname, '../../../dev/cli/import.ts')
const PEOPLE = 1_000
const PASSWORD = 'the old password 7'
const FERNET_KEY = randomBytes(32)
const HASH = hashSync(PASSWORD, 4)

let own: OwnStack
let here: TestPerson
let pluginUser: { user_id: string; api_key: string }

const keyOf = (id: number) => `sk-${String(id).padStart(64, 'oldKey_-')}`

/** As the original's library writes it: a time stamp, CBC and a MAC. */
function fernet(text: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', FERNET_KEY.subarray(16), iv)
  const body = Buffer.concat([
    Buffer.from([0x80, 0, 0, 0, 0, 0x69, 0, 0, 0]),
    iv,
    cipher.update(text, 'utf8'),
    cipher.final(),
  ])
  const tag = createHmac('sha256', FERNET_KEY.subarray(0, 16)).update(body).digest()
  return Buffer.concat([body, tag]).toString('base64url')
}

/** Runs `npm run import`; killed at the first progress that the condition likes. */
function run(args: string[] = [], killAt: (line: string) => boolean = () => false) {
  const { bindings } = own.stack
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...[ENTRY, '--from', bindings.DATABASE_URL ?? '', '--schema', 'original', '--batch', '100'],
      ...['--from-endpoint', bindings.NEON_FETCH_ENDPOINT ?? '', ...args],
    ],
    {
      env: {
        PATH: process.env.PATH,
        ...bindings,
        OLD_ENCRYPTION_KEY: FERNET_KEY.toString('base64url'),
      },
    },
  )
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    output.stdout += data
  })
  child.stderr.on('data', (data) => {
    output.stderr += data
    if (killAt(output.stderr)) child.kill('SIGKILL')
  })
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (status) => resolve({ status, ...output })),
  )
}

/** Everything that an import may change. */
async function contents(): Promise<string> {
  const tables = ['users', 'identities', 'plugin_accounts', 'api_keys', 'usage_logs']
  const rows = await Promise.all(
    tables.map((table) => own.sql.query(`select t::text from ${table} t order by 1`)),
  )
  return JSON.stringify(rows)
}

beforeAll(async () => {
  own = await ownStack()
  const { bindings } = own.stack
  here = await newPerson(own.baseUrl)
  const made = await fetch(`${bindings.PLUGIN_API_BASE_URL}/api/users`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bindings.PLUGIN_API_ADMIN_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'old-2' }),
  })
  const body = (await made.json()) as { data?: typeof pluginUser } & typeof pluginUser
  pluginUser = body.data ?? body
  for (const statement of [
    'create schema original',
    `create table original.users (id serial primary key, username varchar(255) unique, password_hash varchar(255),
      oauth_id varchar(255) unique, avatar_url varchar(512), trust_level int not null default 0,
      is_active boolean not null default true, is_silenced boolean not null default false, beta int default 0,
      created_at timestamptz default now(), updated_at timestamptz default now(), last_login_at timestamptz)`,
    `create table original.plugin_api_keys (id serial primary key, user_id int unique, api_key text,
      plugin_user_id varchar(255), is_active boolean default true)`,
    `create table original.api_keys (id serial primary key, user_id int, key varchar(128) unique,
      name varchar(100), config_type varchar(50) default 'antigravity', is_active boolean default true,
      created_at timestamptz default now(), last_used_at timestamptz, expires_at timestamptz)`,
    `create table original.usage_logs (id serial primary key, user_id int, api_key_id int, endpoint text,
      method text, model_name text, quota_consumed float, created_at timestamptz default now())`,
  ])
    await own.sql.query(statement)
  await own.sql.query(
    `insert into original.users (username, password_hash, oauth_id, trust_level, is_active)
    select 'old-' || n, $1, case n % 4 when 0 then n::text when 1 then 'linux_do:' || n
      when 2 then 'github:' || n end, n % 5, n % 10 > 0
    from generate_series(1, ${PEOPLE}) n`,
    [HASH],
  )
  await own.sql.query(`update original.users set username = $1 where id = 3`, [here.username])
  await own.sql.query(`update original.users set username = 'me@example.com' where id = 5`)
  await own.sql.query(
    `insert into original.api_keys (user_id, key, name, config_type)
    select n, 'sk-' || lpad(n::text, 64, 'oldKey_-'), 'laptop', case n when 7 then 'kiro' else 'antigravity' end
    from generate_series(1, ${PEOPLE}) n`,
  )
  await own.sql.query(
    `insert into original.plugin_api_keys (user_id, api_key, plugin_user_id) values (2, $1, $2), (8, 'gAAAAAno', 'x')`,
    [fernet(pluginUser.api_key), pluginUser.user_id],
  )
  await own.sql.query(
    `insert into original.usage_logs (user_id, api_key_id, endpoint, model_name, quota_consumed)
    select n, n, '/v1/chat/completions', 'a-model', 0.5 from generate_series(1, ${PEOPLE}) n`,
  )
})

afterAll(() => own[Symbol.asyncDispose]())

describe('npm run import', () => {
  it('says first what it would take and what not, and writes nothing', async () => {
    const before = await contents()
    const { status, stdout } = await run(['--dry-run'])
    expect([status, await contents()]).toEqual([0, before])
    expect(stdout).toContain(`users: ${PEOPLE - 2} would be taken, 0 here already`)
    expect(stdout).toContain('plugin_keys: 1 would be taken')
    expect(stdout).toContain(`api_keys: ${PEOPLE - 3} would be taken`)
    expect(stdout).toContain(`Left out, users: name taken: 1 (${here.username} (id 3))`)
    expect(stdout).toMatch(/Left out, users: a name with "@".*: 1/)
    expect(stdout).toContain('account system kiro is not served: 1 (id 7 of old-7)')
    expect(stdout).toContain('the old key does not open it, a new one is made: 1 (old-8)')
    expect(stdout).not.toContain(PASSWORD)
    expect(stdout).not.toContain('sk-old')
  })

  it('goes on where it was killed, and changes nothing when it is run again', async () => {
    expect((await run([], (text) => text.includes('People: 200\n'))).status).toBeNull()
    expect((await run([], (text) => text.includes('People: 600\n'))).status).toBeNull()
    const last = await run()
    expect(last).toMatchObject({ status: 0 })
    const [counts] = await own.sql`select (select count(*)::int from users) as users,
      (select count(*)::int from api_keys) as keys, (select count(*)::int from identities) as identities,
      (select count(*)::int from plugin_accounts) as accounts,
      (select count(*)::int from usage_logs where quota = 5000) as usage`
    const people = PEOPLE - 2
    expect(counts).toEqual({
      users: people + 1,
      keys: people - 1,
      // One in four has none, and neither has the one with "@" any more.
      identities: (PEOPLE * 3) / 4 - 1,
      accounts: people + 1,
      usage: people,
    })
    const moved =
      await own.sql`select id, is_active from users where username in ('old-2', 'old-1000') order by id`
    expect(moved).toEqual([
      { id: 2, is_active: true },
      { id: 1000, is_active: false },
    ])
    const [clash] = await own.sql`select id from users where username = 'old-1'`
    expect(clash?.id).toBeGreaterThan(PEOPLE)
    const before = await contents()
    const again = await run()
    expect(again.stdout).toContain(`users: 0 taken, ${people} here already`)
    expect(await contents()).toBe(before)
    expect((await newPerson(own.baseUrl)).id).toBeGreaterThan(PEOPLE)
  })

  it('lets people in with their old passwords, and chat as who they were at the plug-in', async () => {
    const { baseUrl } = own
    const login = async (username: string, password = PASSWORD) =>
      call('/api/auth/login', { json: { username, password }, baseUrl })
    const { status, body } = await login('old-2')
    expect([status, (await login('old-2', 'another')).status]).toEqual([200, 401])
    expect((await login('old-10')).status).toBe(403)
    const person = { ...here, id: 2, username: 'old-2', token: String(body.access_token) }
    await bringAccount(person, 0, 1, baseUrl)
    expect((await chat({ key: person.token, baseUrl })).status).toBe(200)
    const accounts = await fetch(`${own.stack.bindings.PLUGIN_API_BASE_URL}/api/accounts`, {
      headers: { authorization: `Bearer ${pluginUser.api_key}` },
    })
    // It came to the user at the plug-in whom they had there before.
    expect(JSON.stringify(await accounts.json())).toContain('cookie_id')
    const hash = createHash('sha256').update(keyOf(2)).digest('hex')
    const [key] = await own.sql`select user_id, name from api_keys where key_hash = ${hash}`
    expect(key).toEqual({ user_id: 2, name: 'laptop' })
  })
})
