import { join } from 'node:path'
import { type BuildContext, type BuildOptions, build, context } from 'esbuild'
import { slimNeonPlugin } from './slim-neon.ts'
import { slimRedisPlugin } from './slim-redis.ts'

export const ROOT = join(import.meta.dirname, '../..')

/** The same resolution as wrangler's, so that what runs here is what gets deployed. */
const OPTIONS = {
  entryPoints: [join(ROOT, 'src/worker.ts')],
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  alias: {
    '@upstash/ratelimit': './node_modules/@upstash/ratelimit/dist/index.mjs',
    '@upstash/core-analytics': './dev/worker/no-analytics.ts',
  },
  sourcemap: 'inline',
  sourcesContent: false,
  write: false,
  external: ['cloudflare:*', 'node:async_hooks'],
  plugins: [slimNeonPlugin, slimRedisPlugin],
  logLevel: 'silent',
} satisfies BuildOptions

/**
 * Bundles the Worker.
 *
 * @returns its one module's text
 * @throws {Error} with esbuild's messages when the source does not build
 */
export async function bundleWorker(): Promise<string> {
  const result = await build({ ...OPTIONS, minify: true })
  return result.outputFiles[0]?.text ?? ''
}

/** Bundles now and whenever a source file changes. */
export async function watchWorker(
  onBundle: (script: string) => void,
  onError: (message: string) => void,
): Promise<BuildContext> {
  const watching = await context({
    ...OPTIONS,
    plugins: [
      slimNeonPlugin,
      slimRedisPlugin,
      {
        name: 'report',
        setup(plugin) {
          plugin.onEnd((result) => {
            const script = result.outputFiles?.[0]?.text
            const [error] = result.errors
            if (error)
              onError(`${error.location?.file ?? ''}:${error.location?.line ?? ''} ${error.text}`)
            else if (script) onBundle(script)
          })
        },
      },
    ],
  })
  await watching.watch()
  return watching
}
