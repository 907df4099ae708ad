import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Endpoint,
  engines,
  forkNeon,
  LOGIN,
  post,
  scalar,
  startEmpty,
  untilAsked,
} from '../neon/support.ts'
import {
  appliedNames,
  BASIC,
  environmentOf,
  Project,
  runCli,
  startCli,
  tableExists,
} from './support.ts'

const projects: Project[] = []
const projectWith = (migrations: Record<string, string[]>) => {
  const project = new Project(migrations)
  projects.push(project)
  return project
}
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

describe.each(engines)('db:migrate on %s', (engine) => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty(engine)
  })
  afterAll(() => neon?.stop())
  afterEach(async () => {
    await post(neon, { query: 'drop schema if exists migrations cascade' })
    await post(neon, { query: 'drop table if exists first, second, slow, slow_2' })
  })

  it('applies, and says so; the second run finds nothing to do', async () => {
    const project = projectWith(BASIC)
    expect(await runCli(project, environmentOf(neon))).toEqual({
      status: 0,
      stdout: 'Applied 0000_first\nApplied 0001_second\n',
      stderr: '',
    })
    expect(await runCli(project, environmentOf(neon))).toEqual({
      status: 0,
      stdout: 'Database is up to date\n',
      stderr: '',
    })
  })

  it('runs twice at once: both succeed, each migration is applied once', async () => {
    const project = projectWith({
      ...BASIC,
      '0002_slow': ['create table slow ()', 'select pg_sleep(0.3)'],
    })
    const results = await Promise.all(
      Array.from({ length: 3 }, () => runCli(project, environmentOf(neon))),
    )
    expect(results.map((one) => [one.status, one.stderr])).toEqual(Array(3).fill([0, '']))
    const lines = results.flatMap((one) => one.stdout.match(/^Applied .*/gm) ?? [])
    expect(lines.sort()).toEqual(['Applied 0000_first', 'Applied 0001_second', 'Applied 0002_slow'])
    expect(await scalar(neon, 'select count(*) from first')).toBe('1')
  })

  it('can be killed midway: the next run completes', async () => {
    const project = projectWith({
      ...BASIC,
      '0002_slow': ['create table slow ()', 'select pg_sleep(1.75)', 'create table slow_2 ()'],
    })
    const { child, result } = startCli(project, environmentOf(neon))
    await untilAsked(neon, 'pg_sleep(1.75)')
    child.kill('SIGKILL')
    await result
    expect(await appliedNames(neon)).toEqual(['0000_first', '0001_second'])
    expect(await tableExists(neon, 'slow')).toBe(false)
    const again = await runCli(project, environmentOf(neon))
    expect(again).toEqual({ status: 0, stdout: 'Applied 0002_slow\n', stderr: '' })
    expect(await tableExists(neon, 'slow_2')).toBe(true)
  })

  it('fails with one line and status 1', async () => {
    const broken = projectWith({
      ...BASIC,
      '0002_broken': ['create table half ()', 'create tabel x'],
    })
    const result = await runCli(broken, environmentOf(neon))
    expect([result.status, result.stdout]).toEqual([1, 'Applied 0000_first\nApplied 0001_second\n'])
    expect(result.stderr).toBe(
      'db:migrate: Migration 0002_broken failed, nothing of it was applied: syntax error at or near "tabel" (SQLSTATE 42601)\n',
    )
    broken.write({ ...BASIC, '0000_first': ['create table other ()'] })
    const edited = await runCli(broken, environmentOf(neon))
    expect([edited.status, edited.stdout]).toEqual([1, ''])
    expect(edited.stderr).toMatch(
      /^db:migrate: Migration 0000_first was applied with other content.*\n$/,
    )
  })

  it('finds the database in .dev.vars, or in the file of a running stack', async () => {
    const { DATABASE_URL, NEON_FETCH_ENDPOINT } = environmentOf(neon)
    const withVars = projectWith(BASIC)
    withVars.file(
      '.dev.vars',
      `DATABASE_URL="${DATABASE_URL}"\nNEON_FETCH_ENDPOINT=${NEON_FETCH_ENDPOINT}\n`,
    )
    expect((await runCli(withVars, {})).status).toBe(0)
    const stack = JSON.stringify({ database_url: DATABASE_URL, neon_endpoint: NEON_FETCH_ENDPOINT })
    for (const [directory, environment] of [
      ['.data', {}],
      ['elsewhere', { DATA_DIR: 'elsewhere' }],
    ] as const) {
      const withStack = projectWith(BASIC)
      mkdirSync(join(withStack.directory, directory))
      withStack.file(`${directory}/dev.json`, stack)
      expect(await runCli(withStack, environment)).toMatchObject({
        status: 0,
        stdout: 'Database is up to date\n',
      })
    }
  })
})

describe('db:migrate without a usable database', () => {
  it('says what to set', async () => {
    const result = await runCli(projectWith(BASIC), {})
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/^db:migrate: No database: set DATABASE_URL .*\n$/)
  })

  it('says so if there are no migrations', async () => {
    const project = projectWith(BASIC)
    const environment = { DATABASE_URL: 'postgres://u:p@db.example/d' }
    project.file('drizzle/meta/_journal.json', '{"entries":[{"idx":0,"tag":"0000_gone"}]}')
    const missing = await runCli(project, environment)
    expect(missing.stderr).toBe(
      'db:migrate: drizzle/0000_gone.sql is in the journal but does not exist\n',
    )
    expect(missing.status).toBe(1)
  })

  it('explains a host that is not Neon’s, without the password', async () => {
    const environment = { DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/app' }
    const result = await runCli(projectWith(BASIC), environment)
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/is not a Neon host: set NEON_FETCH_ENDPOINT/)
    expect(result.stderr).not.toContain('hunter2')
    expect(result.stderr.trim().split('\n')).toHaveLength(1)
  })

  it.each(['b', 'o', 'base', 'password', 'is'])(
    'leaves its words whole where the password is %j',
    async (password) => {
      const environment = { DATABASE_URL: `postgres://user:${password}@127.0.0.1:1/app` }
      const plain = { DATABASE_URL: 'postgres://user:Xq7vt2Lm@127.0.0.1:1/app' }
      const project = projectWith(BASIC)
      const [{ stderr }, other] = await Promise.all([
        runCli(project, environment),
        runCli(project, plain),
      ])
      expect(stderr).toBe(other.stderr)
      expect(stderr).not.toContain('[password]')
    },
  )

  it('completes after the server itself was killed during a migration', async () => {
    const project = projectWith({
      ...BASIC,
      '0002_slow': ['create table slow ()', 'select pg_sleep(10)'],
    })
    const dataDir = join(project.directory, 'data')
    const first = await forkNeon({ ...LOGIN, dataDir })
    const { result } = startCli(project, environmentOf(first))
    await untilAsked(first, 'pg_sleep(10)')
    await first.kill()
    expect((await result).status).toBe(1)
    project.write({ ...BASIC, '0002_slow': ['create table slow ()'] })
    const second = await forkNeon({ ...LOGIN, dataDir })
    try {
      expect(await tableExists(second, 'slow')).toBe(false)
      expect(await runCli(project, environmentOf(second))).toMatchObject({
        status: 0,
        stdout: 'Applied 0002_slow\n',
      })
    } finally {
      await second.kill()
    }
  })
})
