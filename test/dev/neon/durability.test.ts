import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Endpoint, forkNeon, LOGIN, latestFork, post, scalar } from './support.ts'

describe('the data directory of PGlite', () => {
  let dataDir: string
  let running: Endpoint[] = []
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'neon-test-')), 'nested', 'data')
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.kill()))
    running = []
    rmSync(join(dataDir, '..', '..'), { recursive: true, force: true })
  })
  const start = async (login = LOGIN) => {
    const neon = await forkNeon({ ...login, dataDir })
    running.push(neon)
    return neon
  }

  it('keeps data and role over an orderly restart', async () => {
    const first = await start()
    await post(first, { query: 'create table t as select 42 as i' })
    await first.stop()
    const second = await start()
    expect(await scalar(second, 'select i from t')).toBe('42')
    expect(await scalar(second, 'select current_user')).toBe(LOGIN.user)
    expect(await scalar(second, 'select current_database()')).toBe(LOGIN.database)
  })

  it('loses no acknowledged commit to kill -9, and shows no half batch', async () => {
    let neon = await start()
    await post(neon, { query: 'create table t (n int, half int)' })
    let rows = 0
    for (let round = 0; round < 4; round += 1) {
      const victim = neon
      let acknowledged = 0
      const writers = Array.from({ length: 4 }, async () => {
        while (await writePair(victim)) acknowledged += 1
      })
      while (acknowledged < 40 + round * 7) await new Promise((resolve) => setTimeout(resolve, 1))
      await victim.kill()
      await Promise.all(writers)
      neon = await start()
      const now = Number(await scalar(neon, 'select count(*) from t where half = 1'))
      expect(now).toBeGreaterThanOrEqual(rows + acknowledged)
      expect(await scalar(neon, 'select count(*) from t where half = 2')).toBe(String(now))
      rows = now
    }
  })

  it('starts again after kill -9 during the very first start', async () => {
    // Before anything is there, when it begins, in the middle of the files, and about when they are complete.
    for (const files of [0, 1, 300, 1_200]) {
      const starting = start().catch(() => undefined)
      const child = latestFork()
      while (filesBelow(dataDir) < files) await new Promise((resolve) => setTimeout(resolve, 1))
      child?.kill('SIGKILL')
      await starting
    }
    const neon = await start()
    expect(await scalar(neon, 'select 1')).toBe('1')
    expect(existsSync(join(dataDir, 'pgdata.new'))).toBe(false)
  })

  it('belongs to one process at a time', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(/is in use by another process/)
    await first.kill()
    expect(await scalar(await start(), 'select 1')).toBe('1')
  })

  it('can change user and database later', async () => {
    const first = await start()
    await post(first, { query: 'create table t (i int)' })
    await first.stop()
    const other = await start({ user: 'other', password: 'x', database: 'second "db"' })
    expect(await scalar(other, 'select current_user || current_database()')).toBe(
      'othersecond "db"',
    )
    expect(await scalar(other, "select to_regclass('t') is null")).toBe('t')
    await other.stop()
    const again = await start()
    expect(await scalar(again, "select to_regclass('t') is not null")).toBe('t')
  })

  it('makes checkpoints, so that the log does not grow without end', async () => {
    const neon = await start()
    await post(neon, { query: 'create table t (i int, filler text)' })
    const insert = { query: "insert into t values (1, repeat('x', 7000))" }
    const before = await scalar(neon, 'select checkpoint_lsn from pg_control_checkpoint()')
    for (let done = 0; done < 5_000; done += 50) {
      await Promise.all(Array.from({ length: 50 }, () => post(neon, insert)))
    }
    const after = await scalar(neon, 'select checkpoint_lsn from pg_control_checkpoint()')
    expect(after).not.toBe(before)
    expect(readdirSync(join(dataDir, 'pgdata', 'pg_wal')).length).toBeLessThan(20)
  })
})

/** Also what is only half copied. */
function filesBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length
  } catch {
    // Not there yet, or renamed meanwhile.
    return 0
  }
}

/** @returns whether the commit was acknowledged */
async function writePair(neon: Endpoint): Promise<boolean> {
  const insert = { query: 'insert into t values ($1, $2)', params: [1, 1] }
  const second = { ...insert, params: [1, 2] }
  return post(neon, { queries: [insert, second] }).then(
    ({ status }) => status === 200,
    () => false,
  )
}
