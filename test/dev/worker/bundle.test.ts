import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bundleWorker } from '../../../dev/worker/bundle.ts'
import { slimNeon } from '../../../dev/worker/slim-neon.ts'
import { slimRedis } from '../../../dev/worker/slim-redis.ts'

/** Compressed, in bytes: an isolate reads all of it before its first answer. */
const MAX_BYTES = 400_000

describe('the bundle', () => {
  it('stays small, and holds nothing of the database driver but its HTTP part', async () => {
    const text = await bundleWorker()
    const script = text.replace(/\/\/# sourceMappingURL=.*\s*$/, '')
    expect(gzipSync(script).length).toBeLessThan(MAX_BYTES)
    expect(script).toContain('Neon-Connection-String')
    expect(script).not.toContain('SCRAM-SERVER-FIRST-MESSAGE')
    expect(script).toContain('hscan')
    expect(script).not.toContain('georadius')
  })

  it('is not made from clients that are built in another way', () => {
    expect(() => slimNeon('export const neon = 1')).toThrow(
      '@neondatabase/serverless is built in another way',
    )
    expect(() => slimRedis('export const Redis = 1', '')).toThrow(
      '@upstash/redis is written in another way',
    )
  })
})
