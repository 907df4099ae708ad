import { Hono } from 'hono'
import { getMimeType } from 'hono/utils/mime'
import type { AppEnv } from '../../app-env.ts'
import { describeApi, type MountedEndpoints } from '../../platform/http/openapi.ts'
import { type ApiDescription, inEnvelope } from './in-envelope.ts'
import { addExamples } from './with-examples.ts'

const VERSION = '0.1.0'

/** Swagger UI and ReDoc draw with inline styles and a worker made from a blob; all files are our own. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  'worker-src blob:',
  "frame-ancestors 'none'",
].join('; ')

const page = (title: string, head: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`

const SWAGGER = page(
  'shared-accounts API',
  '<link rel="stylesheet" href="/assets/swagger-ui.css">\n<link rel="icon" href="data:,">',
  '<div id="swagger-ui"></div>\n<script src="/assets/swagger-ui-bundle.js"></script>\n<script src="/assets/swagger-start.js"></script>',
)

const REDOC = page(
  'shared-accounts API reference',
  '<link rel="icon" href="data:,">\n<style>body{margin:0}</style>',
  '<div id="redoc"></div>\n<script src="/assets/redoc.standalone.js"></script>\n<script src="/assets/redoc-start.js"></script>',
)

/** The API description and its two viewers, with what `/` says; viewers are absent where `API_DOCS` is off. */
export function docsRoutes(groups: readonly MountedEndpoints[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/', (c) => {
    const { API_DOCS } = c.get('ctx').config
    return c.json({
      name: 'shared-accounts',
      description:
        'Share AI accounts safely: sign-in, an OpenAI-compatible gateway and a fair-share ledger.',
      openai_base_url: `${baseUrl(c)}/v1`,
      health: `${baseUrl(c)}/api/health`,
      docs: API_DOCS ? `${baseUrl(c)}/api/docs` : null,
    })
  })

  for (const prefix of ['/api', '']) {
    app.get(`${prefix}/openapi.json`, (c) => {
      if (!c.get('ctx').config.API_DOCS) return c.notFound()
      const description = describeApi(
        {
          title: 'shared-accounts',
          version: VERSION,
          description:
            'Sign-in, API keys, and an OpenAI-compatible gateway in front of shared AI accounts.',
          serverUrl: baseUrl(c),
        },
        groups,
      ) as unknown as ApiDescription
      addExamples(description.paths)
      const isWrapped = c.get('ctx').config.RESPONSE_FORMAT === 'envelope'
      return c.json(isWrapped ? inEnvelope(description) : description)
    })
    for (const [path, html] of [
      ['/docs', SWAGGER],
      ['/redoc', REDOC],
    ] as const) {
      app.get(prefix + path, (c) => {
        if (!c.get('ctx').config.API_DOCS) return c.notFound()
        return c.html(html, 200, { 'content-security-policy': PAGE_POLICY })
      })
    }
  }

  app.get('/assets/*', async (c) => {
    const { ASSETS } = c.env
    if (!c.get('ctx').config.API_DOCS || !ASSETS) return c.notFound()
    const file = await ASSETS.fetch(c.req.raw)
    const type = getMimeType(c.req.path)
    // In the place of what does not exist comes the console's page.
    if (file.headers.get('content-type')?.startsWith('text/html')) return c.notFound()
    return new Response(file.body, {
      status: file.status,
      headers: { ...(type && { 'content-type': type }) },
    })
  })
  return app
}

/** The public address where it is configured; the request's own in development. */
function baseUrl(c: {
  get(name: 'ctx'): AppEnv['Variables']['ctx']
  req: { url: string }
}): string {
  return c.get('ctx').config.PUBLIC_URL ?? new URL(c.req.url).origin
}
