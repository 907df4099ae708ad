import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../support/admin.ts'
import { arm, MODEL, usageOf, usageRows } from '../support/chat.ts'
import { checkBooks, forgetPools, grant, newLender, poolOf } from '../support/quota.ts'
import { newChatter, sql, standIn, waitFor } from '../support/stack.ts'
import { type OwnWorker, workerWith } from '../support/worker-with.ts'
import { emptyFolder, type Outcome, PROGRAMS, type Program, run } from './programs.ts'

let worker: OwnWorker
beforeAll(async () => {
  worker = await workerWith({ LOG_LEVEL: 'info', GUEST_RATE_LIMIT: '1/24h' })
})
afterAll(async () => {
  await standIn('reset-armed', {})
  await worker?.close()
})

/** Runs it, and says how often it has asked for an answer. */
async function ask(
  program: Program,
  key: string,
  prompt: string,
): Promise<Outcome & { asked: number }> {
  await using folder = await emptyFolder()
  return await askIn(folder, program, key, prompt)
}

async function askIn(
  folder: { home: string; work: string },
  program: Program,
  key: string,
  prompt: string,
) {
  const before = answered()
  const outcome = await run(program, folder, { baseUrl: worker.url, key, model: MODEL, prompt })
  return { ...outcome, asked: answered() - before }
}

/** The calls to a model in the Worker's log; nobody else uses it. */
function answered(): number {
  return worker.logs.filter((line) => line.includes('"event":"request"') && /"POST"/.test(line))
    .length
}

describe.each(PROGRAMS.map((program) => [program.name, program] as const))('%s', (_, program) => {
  it('writes a file by its own tool, looks at the result, and answers', async () => {
    const person = await newLender()
    await grant(person, 1.9)
    const text = `Hi-${randomUUID()}`
    await using folder = await emptyFolder()
    const { status, output } = await askIn(
      folder,
      program,
      person.key,
      program.writeFile('hello.txt', text),
    )
    expect(status, output).toBe(0)
    expect((await readFile(join(folder.work, 'hello.txt'), 'utf8')).trim()).toBe(text)
    expect(output).toContain('The tool answered: ')
    const rows = await usageRows(person.id, 2)
    for (const row of rows) {
      expect(row).toMatchObject({ endpoint: program.endpoint, status: 200, stream: true })
      expect(row.prompt_tokens).toBeGreaterThan(0)
    }
    await waitFor(async () => (await poolOf(person)).balance < 1.9)
    await checkBooks(person)
  })

  it('says that the pool is empty, and stops', async () => {
    const person = await newLender()
    // So deep in debt that nothing recovers while the program starts.
    await grant(person, -1)
    await forgetPools(person)
    const { status, output, asked } = await ask(program, person.key, 'Hello')
    expect(status, output).not.toBe(0)
    expect(output).toMatch(/used up|usage limit|quota/i)
    expect(asked, output).toBeLessThanOrEqual(2)
  })

  it('says that there were too many calls, and stops', async () => {
    const person = await newChatter()
    await changePerson(
      person.id,
      () => sql`update users set role = 'guest' where id = ${person.id}`,
    )
    // The one call that a guest has.
    await fetch(`${worker.url}/v1/models`, { headers: { authorization: `Bearer ${person.key}` } })
    const { status, output, asked } = await ask(program, person.key, 'Hello')
    expect(status, output).not.toBe(0)
    expect(output).toMatch(/rate|too many|limit/i)
    expect(asked, output).toBeLessThanOrEqual(2)
    expect(await usageOf(person.id)).toEqual([])
  })

  it('says that a stream has broken, and stops', async () => {
    const person = await newChatter()
    const { status, output } = await ask(
      program,
      person.key,
      await arm('reset_midway', { times: 1_000 }),
    )
    expect(status, output).not.toBe(0)
    expect(output).toMatch(/broke|error|disconnected/i)
    for (const row of await usageOf(person.id)) expect(row.status).toBe(502)
  })
})
