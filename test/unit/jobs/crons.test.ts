import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { nextRun } from '../../../src/operations/jobs/next-run.ts'
import { JOBS } from '../../../src/operations/jobs/registry.ts'

interface Triggers {
  triggers: { crons: string[] }
}

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8')
const wrangler = parse(read('wrangler.toml')) as unknown as Triggers & {
  env: Record<string, Triggers>
}
const expected = new Set(JOBS.map(({ cron }) => cron))

describe('the cron triggers', () => {
  it.each([
    ['the local environment', wrangler.triggers],
    ...Object.entries(wrangler.env).map(([name, { triggers }]): [string, Triggers['triggers']] => [
      name,
      triggers,
    ]),
  ])('of %s are those of the jobs', (_, { crons }) => {
    expect(crons.toSorted()).toEqual([...expected].toSorted())
  })

  it('are as many as Cloudflare allows, and come true', () => {
    expect(expected.size).toBeLessThanOrEqual(5)
    for (const cron of expected) expect(nextRun(cron, Date.now())).not.toBeNull()
  })
})

describe('the jobs', () => {
  it('have names of their own that can stand in an address', () => {
    const names = JOBS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z-]+$/)
  })

  // The README lists them as table rows: | `cron` | `job`, `job` | … |
  const listed = [
    ...read('README.md').matchAll(/^\| `((?:[\d*/,-]+ ){4}[\d*/,-]+)` \| ([^|]+) \|/gm),
  ]
  it('stand in the README as they are', () => {
    const told = listed.flatMap(([, cron, names]) =>
      [...(names ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => `${cron} ${name}`),
    )
    expect(told.toSorted()).toEqual(JOBS.map(({ cron, name }) => `${cron} ${name}`).toSorted())
  })
})
