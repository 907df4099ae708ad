import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { COMMON_PASSWORDS } from '../../src/credentials/password-policy/common-passwords.ts'
import { readSlimNeon } from '../worker/slim-neon.ts'
import { readSlimRedis } from '../worker/slim-redis.ts'

/**
 * Makes what the build of the Worker takes from `dist`: the console, the viewers of the API
 * description, the most common passwords, so that no page loads a script from elsewhere, and the clients of the stores without what
 * is not used of them. `--watch` builds the console again whenever a file of it changes.
 */
const { values } = parseArgs({ options: { watch: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '../..')
const target = join(root, 'dist/assets/assets')
const require = createRequire(import.meta.url)

const swagger = dirname(require.resolve('swagger-ui-dist/package.json'))
const redoc = dirname(require.resolve('redoc/package.json'))
const own = join(root, 'src/operations/docs/assets')

await mkdir(target, { recursive: true })
await Promise.all([
  copyFile(join(swagger, 'swagger-ui.css'), join(target, 'swagger-ui.css')),
  copyFile(join(swagger, 'swagger-ui-bundle.js'), join(target, 'swagger-ui-bundle.js')),
  copyRedoc(),
  readSlimNeon().then((driver) => writeFile(join(root, 'dist/neon.mjs'), driver)),
  writeSlimRedis(),
  writeFile(join(target, 'common-passwords.txt'), COMMON_PASSWORDS),
  ...(await readdir(own)).map((name) => copyFile(join(own, name), join(target, name))),
])

const built = await build({
  configFile: join(root, 'vite.config.ts'),
  ...(values.watch && { build: { watch: {} } }),
})
if ('output' in built) await removeAllBut(built.output.map(({ fileName }) => fileName))

/** Names change with what is in the files; those of an earlier build go when the new ones are there. */
async function removeAllBut(files: readonly string[]): Promise<void> {
  for (const name of await readdir(join(root, 'dist/assets/static')))
    if (!files.includes(`static/${name}`)) await rm(join(root, 'dist/assets/static', name))
}

async function writeSlimRedis(): Promise<void> {
  const folder = join(root, 'dist/redis')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  for (const [name, text] of Object.entries(await readSlimRedis()))
    await writeFile(join(folder, name), text)
}

/** ReDoc shows a logo from its vendor's server; nothing here asks another server for anything. */
async function copyRedoc(): Promise<void> {
  const bundle = await readFile(join(redoc, 'bundles/redoc.standalone.js'), 'utf8')
  await writeFile(
    join(target, 'redoc.standalone.js'),
    bundle.replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w./-]+/g, 'data:,'),
  )
}
