/**
 * Stands in front of the Worker on the local stack: fires its cron triggers, which Cloudflare does
 * in production, and passes everything else on.
 */
export default {
  async fetch(request, env) {
    const url = new URL(request.url)
    if (url.pathname !== '/cdn-cgi/handler/scheduled') return env.WORKER.fetch(request)
    const { outcome } = await env.WORKER.scheduled({
      cron: url.searchParams.get('cron') ?? '',
      scheduledTime: new Date(),
    })
    return new Response(outcome, { status: outcome === 'ok' ? 200 : 500 })
  },
}
