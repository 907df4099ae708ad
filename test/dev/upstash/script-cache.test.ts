/** EVALSHA over REST: the SHA-1 is that of the source as the client sent it. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { backends, send, startServer } from './support/start.ts'

const HEADER = '#!lua flags=allow-key-locking\n'
const sha1 = (source: string) => createHash('sha1').update(source).digest('hex')

for (const { name, available, options } of backends(10)) {
  describe.skipIf(!available)(`scripts by SHA-1 in front of ${name}`, () => {
    let server: RunningPart
    const run = async (...command: unknown[]) => (await send(server.url, command)).body

    beforeAll(async () => {
      server = await startServer(options())
    })
    afterAll(() => server?.close())

    // The redis-server keeps its scripts over runs, so each source is new.
    const unique = () => `${HEADER}return ARGV[1] -- ${Math.random()}`

    test('is unknown before, known after EVAL', async () => {
      const source = unique()
      const sha = sha1(source)
      expect((await run('EVALSHA', sha, 0, 'x')).error).toMatch(/^NOSCRIPT /)
      expect(await run('EVAL', source, 0, 'x')).toEqual({ result: 'x' })
      expect(await run('EVALSHA', sha, 0, 'y')).toEqual({ result: 'y' })
      expect(await run('SCRIPT', 'EXISTS', sha, '0'.repeat(40))).toEqual({ result: [1, 0] })
    })

    test('is answered by SCRIPT LOAD and known after it', async () => {
      const source = unique()
      expect(await run('script', 'load', source)).toEqual({ result: sha1(source) })
      expect(await run('evalsha', sha1(source).toUpperCase(), 0, 'y')).toEqual({ result: 'y' })
      const body = JSON.stringify([['EVALSHA', sha1(source), 0, 'z']])
      const response = await fetch(`${server.url}/multi-exec?_token=test-token`, {
        method: 'POST',
        body,
      })
      expect(await response.json()).toEqual([{ result: 'z' }])
    })

    test('a script of wrong flags is refused', async () => {
      expect((await run('EVAL', '#!lua flags=allow-key-locking,nope\nreturn 1', 0)).error).toBe(
        'ERR Unexpected flag in script shebang: nope',
      )
    })
  })
}
