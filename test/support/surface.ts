import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** An endpoint as the source declares it. */
export interface DeclaredEndpoint {
  method: string
  /** With its mount point, in Hono's syntax. */
  path: string
  auth: string | { scope: string } | { namedScope: string } | { permission: string }
}

interface AppModule {
  describedEndpoints: {
    prefix: string
    endpoints: { spec: { method: string; path: string; auth: DeclaredEndpoint['auth'] } }[]
  }[]
  createGateway(): { routes: { method: string; path: string }[] }
  createProvider(appOf: never): { routes: { method: string; path: string }[] }
  createSite(): { routes: { method: string; path: string }[] }
}

/**
 * Reads from the source which endpoints there are and what the router really holds, which may be
 * more: the app is bundled as for the Worker, with a stand-in for what only the Worker's runtime has.
 */
export async function readSurface(): Promise<{
  declared: DeclaredEndpoint[]
  /** `METHOD path` of everything that answers, without middleware. */
  routed: Set<string>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'shared-accounts-surface-'))
  try {
    const sockets = join(folder, 'sockets.mjs')
    await writeFile(sockets, 'export const connect = undefined\n')
    const outfile = join(folder, 'app.mjs')
    await build({
      stdin: {
        contents:
          "export * from './gateway-app.ts'; export * from './provider-app.ts'; export * from './site-app.ts'",
        resolveDir: join(import.meta.dirname, '../../src'),
      },
      outfile,
      bundle: true,
      format: 'esm',
      target: 'es2024',
      conditions: ['worker', 'browser'],
      alias: { 'cloudflare:sockets': sockets },
      external: ['node:async_hooks'],
      logLevel: 'silent',
    })
    const app = (await import(pathToFileURL(outfile).href)) as AppModule
    return {
      declared: app.describedEndpoints.flatMap(({ prefix, endpoints }) =>
        endpoints.map(({ spec }) => ({
          method: spec.method.toUpperCase(),
          path: prefix + spec.path,
          auth: spec.auth,
        })),
      ),
      routed: new Set(
        [
          ...app.createGateway().routes,
          ...app.createProvider(undefined as never).routes,
          ...app.createSite().routes,
        ]
          .filter(({ method }) => method !== 'ALL')
          .map(({ method, path }) => `${method} ${path}`),
      ),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
