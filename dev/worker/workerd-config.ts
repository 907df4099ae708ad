/** What one workerd process serves. */
export interface WorkerdSetup {
  compatibilityDate: string
  compatibilityFlags: string[]
  bindings: Record<string, string>
  /** Folder whose files the Worker's `ASSETS` binding answers with. */
  assetsDirectory: string
  /** Paths that the assets answer without the Worker. */
  pages: string[]
  /** Certificates in PEM whose servers the Worker trusts beside those that browsers trust. */
  trustedCertificates?: string[]
}

/**
 * The configuration of workerd (https://github.com/cloudflare/workerd, workerd.capnp): the Worker
 * from `worker.js` beside it, behind the entry from `entry.js`, with the files of `assets.js`.
 */
export function workerdConfig(setup: WorkerdSetup): string {
  const text = JSON.stringify
  const compatibility = `compatibilityDate = ${text(setup.compatibilityDate)}`
  const flags = (names: string[]) =>
    `compatibilityFlags = [${names.map((name) => text(name)).join(', ')}]`
  const bindings = Object.entries(setup.bindings)
    .map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)
    .concat('(name = "ASSETS", service = "assets")')
    .join(',\n      ')
  const trusted = (setup.trustedCertificates ?? []).map((pem) => text(pem)).join(', ')
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "entry", worker = (
      modules = [(name = "entry.js", esModule = embed "entry.js")],
      ${compatibility},
      ${flags(['service_binding_extra_handlers'])},
      bindings = [
        (name = "WORKER", service = "worker"),
        (name = "ASSETS", service = "assets"),
        (name = "PAGES", json = ${text(JSON.stringify(setup.pages))}),
      ],
    )),
    (name = "assets", worker = (
      modules = [(name = "assets.js", esModule = embed "assets.js")],
      ${compatibility},
      bindings = [(name = "FILES", service = "files")],
    )),
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      ${compatibility},
      ${flags(setup.compatibilityFlags)},
      bindings = [
      ${bindings}],
    )),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true, trustedCertificates = [${trusted}]))),
    (name = "files", disk = ${text(setup.assetsDirectory)}),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "entry")],
);
`
}
