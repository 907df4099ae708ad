/**
 * Serves the files of the assets as Cloudflare does: with their types, with the headers that `_headers`
 * names, and with the page of the single-page app where there is no such file.
 * https://developers.cloudflare.com/workers/static-assets/
 */
const TYPES = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
}
const SHELL = '/index.html'

export default {
  async fetch(request, env) {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    const { pathname } = new URL(request.url)
    const isFile = /\.[a-z0-9]+$/.test(pathname) && pathname !== '/_headers'
    const wanted = isFile ? await read(env, pathname) : undefined
    const name = wanted?.ok ? pathname : SHELL
    const file = wanted?.ok ? wanted : await read(env, SHELL)
    const headers = new Headers({
      'cache-control': 'public, max-age=0, must-revalidate',
      'content-type': TYPES[name.split('.').at(-1)] ?? 'application/octet-stream',
    })
    for (const [key, value] of await headersFor(env, pathname)) headers.set(key, value)
    return new Response(request.method === 'HEAD' ? null : file.body, {
      status: file.status,
      headers,
    })
  },
}

function read(env, path) {
  return env.FILES.fetch(new Request(`http://files${path}`))
}

/** Lines of `_headers`: a path, which may end with `*`, and below it, indented, its headers. */
async function headersFor(env, path) {
  const file = await read(env, '/_headers')
  if (!file.ok) return []
  const found = []
  let applies = false
  for (const line of (await file.text()).split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, value] = /^\s+([\w-]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined) applies = matches(line.trim(), path)
    else if (applies) found.push([name, value])
  }
  return found
}

function matches(pattern, path) {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}
