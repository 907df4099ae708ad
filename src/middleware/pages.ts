import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv, Bindings } from '../app-env.ts'

/** Where the API answers programs, and the console people. The console's other paths never come here. */
const SHARED_PATH = /^\/(?:admin(?:\/.*)?)?$/

/** Where an earlier service had its page for trying a sign-in. */
const TEST_PAGE = '/test-login'

/**
 * Gives people in a browser the console's page where they and programs share an address: at `/`, below
 * `/admin`, and where there is nothing for them, which the page then says.
 */
export const pages: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.path === TEST_PAGE) return c.redirect('/login')
  if (!isPerson(c)) return next()
  if (SHARED_PATH.test(c.req.path)) {
    const page = await readPage(c.env, c.req.url, 200)
    if (page) return page
  }
  await next()
  if (c.res.status !== 404 && c.res.status !== 405) return
  const page = await readPage(c.env, c.req.url, 404)
  if (page) {
    // Hono would merge the old headers into the new.
    c.res = undefined
    c.res = page
  }
}

/** Programs that want HTML exist, but none of them brings a credential of the API. */
function isPerson({ req }: Context<AppEnv>): boolean {
  return (
    /^(GET|HEAD)$/.test(req.method) &&
    /\btext\/html\b/.test(req.header('accept') ?? '') &&
    req.header('authorization') === undefined
  )
}

async function readPage(
  { ASSETS }: Bindings,
  url: string,
  status: 200 | 404,
): Promise<Response | null> {
  const file = await ASSETS?.fetch(new Request(new URL('/', url)))
  if (!file?.ok) return null
  const page = new Response(file.body, { status, headers: file.headers })
  page.headers.set('vary', 'Accept')
  return page
}
