/**
 * Stands in front of the Worker on the local stack, as Cloudflare does in production: fires its cron
 * triggers, serves the pages that `wrangler.toml` leaves to the assets, and passes everything else on.
 */
export default {
  async fetch(request, env) {
    const url = new URL(request.url)
    if (isPage(url.pathname, env.PAGES)) return env.ASSETS.fetch(request)
    if (url.pathname !== '/cdn-cgi/handler/scheduled') return env.WORKER.fetch(request)
    const { outcome } = await env.WORKER.scheduled({
      cron: url.searchParams.get('cron') ?? '',
      scheduledTime: new Date(),
    })
    return new Response(outcome, { status: outcome === 'ok' ? 200 : 500 })
  },
}

/** Patterns end with `*` or name one path. */
function isPage(path, patterns) {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
  )
}
