import { type Program, startWorkerd, type WorkerdFiles } from '../processes/workerd.ts'

/** A Worker that does nothing but pass on: what the runtime costs by itself. */
export function bareFiles(upstreamUrl: string, compatibilityDate: string): WorkerdFiles {
  const script = `const upstream = ${JSON.stringify(upstreamUrl)}
export default { fetch: (request) => fetch(upstream + new URL(request.url).pathname, request) }
`
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${JSON.stringify(compatibilityDate)},
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
`
  return { config, modules: { 'worker.js': script } }
}

export function startBare(upstreamUrl: string, compatibilityDate: string): Promise<Program> {
  return startWorkerd(bareFiles(upstreamUrl, compatibilityDate))
}
