import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Collects the viewers of the API description, so that no page loads a script from elsewhere. */
const root = join(import.meta.dirname, '../..')
const target = join(root, 'dist/assets/assets')
const require = createRequire(import.meta.url)

const swagger = dirname(require.resolve('swagger-ui-dist/package.json'))
const redoc = dirname(require.resolve('redoc/package.json'))
const own = join(root, 'src/features/ops/assets')

await mkdir(target, { recursive: true })
await Promise.all([
  copyFile(join(swagger, 'swagger-ui.css'), join(target, 'swagger-ui.css')),
  copyFile(join(swagger, 'swagger-ui-bundle.js'), join(target, 'swagger-ui-bundle.js')),
  copyFile(join(redoc, 'bundles/redoc.standalone.js'), join(target, 'redoc.standalone.js')),
  ...(await readdir(own)).map((name) => copyFile(join(own, name), join(target, name))),
])
