import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'

/** What a page costs that is looked at for the first time, in bytes that travel. */

const FIRST_PAGE_BYTES = 90 * 1024
const FURTHER_PAGE_BYTES = 40 * 1024

interface Chunk {
  type: 'chunk'
  fileName: string
  code: string
  isEntry: boolean
  imports: string[]
  dynamicImports: string[]
  viteMetadata?: { importedCss: Set<string> }
}
interface Asset {
  type: 'asset'
  fileName: string
  source: string | Uint8Array
}

it('stays within its budgets', async () => {
  const result = (await build({
    configFile: join(import.meta.dirname, '../../../vite.config.ts'),
    build: { write: false },
  })) as unknown as { output: (Chunk | Asset)[] }
  const chunks = new Map(
    result.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])),
  )
  const sizes = new Map(
    result.output.map((file) => [
      file.fileName,
      gzipSync(file.type === 'chunk' ? file.code : file.source).byteLength,
    ]),
  )
  const sizeOf = (files: Iterable<string>) =>
    [...files].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)

  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)
  if (!entry) throw new Error('there is no entry')
  const first = filesOf(entry.fileName, chunks)
  console.log(`first page: ${sizeOf(first)} bytes gzipped`)
  expect(sizeOf(first)).toBeLessThanOrEqual(FIRST_PAGE_BYTES)

  const further = [...chunks.values()].flatMap(({ dynamicImports }) => dynamicImports)
  expect(further.length).toBeGreaterThan(3)
  for (const name of further) {
    const bytes = sizeOf([...filesOf(name, chunks)].filter((file) => !first.has(file)))
    console.log(`${name}: ${bytes}`)
    expect(bytes, name).toBeLessThanOrEqual(FURTHER_PAGE_BYTES)
  }
  const firstText = [...first].map((name) => chunks.get(name)?.code ?? '').join('')
  expect(firstText).not.toContain('uPlot')
})

/** A chunk with all that it needs at once, style sheets included. */
function filesOf(name: string, chunks: ReadonlyMap<string, Chunk>): Set<string> {
  const files = new Set<string>()
  const visit = (file: string) => {
    if (files.has(file)) return
    files.add(file)
    const chunk = chunks.get(file)
    for (const style of chunk?.viteMetadata?.importedCss ?? []) files.add(style)
    chunk?.imports.forEach(visit)
  }
  visit(name)
  return files
}
