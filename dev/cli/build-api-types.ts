import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'

/** Writes the types of the API as its own description has them, for the console. */
const { describedEndpoints } = await import('../../src/site-app.ts')
const { describeApi } = await import('../../src/platform/http/openapi.ts')

const description = describeApi(
  { title: 'shared-accounts', version: '0', description: '', serverUrl: 'https://here.invalid' },
  describedEndpoints,
)
const folder = join(import.meta.dirname, '../../src/console/api')
await mkdir(folder, { recursive: true })
await writeFile(
  join(folder, 'schema.d.ts'),
  astToString(
    await openapiTS(description as unknown as OpenAPI3, {
      exportType: true,
      // What has a default need not be sent.
      defaultNonNullable: false,
    }),
  ),
)
