import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningPart } from '../stack/part.ts'
import { Consents } from './consents.ts'
import { handle } from './dispatch.ts'
import { Faults } from './faults.ts'
import { Pacer } from './pacer.ts'
import type { Plugin } from './plugin.ts'
import { RequestLog } from './request-log.ts'
import { defaultSettings } from './settings.ts'
import { Store } from './store.ts'
import { Upstream } from './upstream.ts'

/** The service's own socket timeout. */
const SOCKET_TIMEOUT_MS = 600_000
const KEEP_ALIVE_MS = 65_000
/** What the real service is configured with out of the box; nothing answers there. */
const DEFAULT_REDIRECT_URI = 'http://localhost:42532/oauth-callback'

/** What the stand-in is started with. */
export interface PluginOptions {
  /** 0 or nothing: any free port. */
  port?: number
  adminKey: string
  /** A JSON file that carries users and accounts over a restart. */
  persistTo?: string
  /** An OpenAI-compatible server that answers the chat instead of the stand-in. */
  upstreamBaseUrl?: string
  upstreamApiKey?: string
  /** Where consent sends the browser. */
  redirectUri?: string
}

/**
 * Starts a development stand-in for the plug-in API, which holds the upstream AI accounts. It is
 * not for production: it speaks the contract with all its oddities, but keeps keys in clear,
 * invents its answers, and lets anybody on the machine steer it under `/__control`.
 */
export async function startPlugin(options: PluginOptions): Promise<RunningPart> {
  const store = await Store.open(options.persistTo)
  const settings = defaultSettings()
  const plugin: Plugin = {
    url: '',
    adminKey: options.adminKey,
    redirectUri: options.redirectUri ?? DEFAULT_REDIRECT_URI,
    store,
    settings,
    faults: new Faults(),
    requests: new RequestLog(),
    consents: new Consents(),
    pacer: new Pacer(),
    upstream: options.upstreamBaseUrl
      ? new Upstream(options.upstreamBaseUrl, options.upstreamApiKey)
      : undefined,
    now: () => Date.now() + settings.clockOffsetMs,
  }
  const running = new Set<Promise<void>>()
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const work = handle(plugin, request, response).finally(() => running.delete(work))
    running.add(work)
  })
  server.requestTimeout = SOCKET_TIMEOUT_MS
  server.timeout = SOCKET_TIMEOUT_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  plugin.url = await listen(server, options.port ?? 0)

  return {
    url: plugin.url,
    close: async () => {
      plugin.pacer.stop()
      plugin.upstream?.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      // Requests outlive their connections; what they settle has to reach the file.
      await Promise.all(running)
      await closed
      await store.close()
    },
  }
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const { port: chosen } = server.address() as AddressInfo
      resolve(`http://127.0.0.1:${chosen}`)
    })
  })
}
