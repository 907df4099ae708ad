import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSettings } from '../../../dev/stack/settings.ts'
import { isSettingName } from '../../../src/config.ts'

/** What the local stack makes of what it is given. */

let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-settings-'))
})

afterAll(() => rm(dataDir, { recursive: true, force: true }))

const databaseOf = async (url: string) => {
  const { neon, bindings } = await readSettings({ DATA_DIR: dataDir, DATABASE_URL: url }, [])
  return { neon, worker: bindings.DATABASE_URL }
}

it.each(['postgres', 'postgresql', 'postgresql+asyncpg', 'postgresql+psycopg2'])(
  'takes a database as %s:// writes it',
  async (scheme) => {
    const { neon, worker } = await databaseOf(
      `${scheme}://user:pass@localhost:5432/shared_accounts`,
    )
    const plain = scheme.replace(/\+.*/, '')
    expect(neon).toMatchObject({
      user: 'user',
      password: 'pass',
      database: 'shared_accounts',
      databaseUrl: `${plain}://user:pass@localhost:5432/shared_accounts`,
    })
    expect(worker).toBe(`${plain}://user:pass@db.localhost/shared_accounts`)
  },
)

it('takes one without a password, which its protocol always has', async () => {
  const { neon, worker } = await databaseOf('postgresql+asyncpg://user@localhost/shared_accounts')
  expect(neon).toMatchObject({ user: 'user', password: expect.stringMatching(/./) })
  expect(new URL(worker ?? '').password).toBe(neon?.password)
})

it('leaves the one at Neon as it is, but for the name of a driver', async () => {
  const at = (scheme: string) => `${scheme}://user:pass@ep-cool.eu-central-1.aws.neon.tech/neondb`
  expect(await databaseOf(at('postgresql+asyncpg'))).toEqual({
    neon: undefined,
    worker: at('postgresql'),
  })
})

it('knows every setting that .dev.vars.example shows', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../.dev.vars.example'), 'utf8')
  const names = Object.keys(parseEnv(text.replace(/^# (?=[A-Z_]+=)/gm, '')))
  expect(names.length).toBeGreaterThan(15)
  const ofTheStack = ['PORT', 'REDIS_URL']
  expect(names.filter((name) => !isSettingName(name) && !ofTheStack.includes(name))).toEqual([])
})

it('refuses what is no PostgreSQL', async () => {
  await expect(databaseOf('mysql+asyncmy://user:password@localhost/dbname')).rejects.toThrow(
    'DATABASE_URL: must be of the form',
  )
})
