import { startWorker } from '../worker/server.ts'

/** What makes the stack work, as opposed to what an operator tries out on it. */
const NEEDED = [
  ...['DATABASE_URL', 'NEON_FETCH_ENDPOINT', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  ...['JWT_SECRET_KEY', 'REFRESH_TOKEN_SECRET_KEY', 'PLUGIN_API_ENCRYPTION_KEY', 'PUBLIC_URL'],
]
const OF_THE_PLUGIN = ['PLUGIN_API_BASE_URL', 'PLUGIN_API_ADMIN_KEY']

/**
 * Does something through a Worker on the stack's stores that has none of the operator's settings, so that
 * no closed registration, envelope, second factor or limit stands in the way.
 *
 * @param bindings what the stack's own Worker was given
 * @param hasStandIn whether the plug-in API is the stack's own
 */
export async function throughPlainWorker<Result>(
  bindings: Record<string, string>,
  hasStandIn: boolean,
  work: (baseUrl: string) => Promise<Result>,
): Promise<Result> {
  const names = hasStandIn ? [...NEEDED, ...OF_THE_PLUGIN] : NEEDED
  const worker = await startWorker({
    bindings: Object.fromEntries(Object.entries(bindings).filter(([name]) => names.includes(name))),
    onLog: () => undefined,
  })
  try {
    return await work(worker.url)
  } finally {
    await worker.close()
  }
}
