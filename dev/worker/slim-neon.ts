import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/*
 * Neon's driver comes as one file of 150 KB, made of modules in wrappers that a bundler cannot see
 * through: nine tenths of it are node-postgres over a WebSocket (clients, pools, TLS, the wire
 * protocol), of which nothing is used over HTTP. Here the file ends after its HTTP part, and the
 * wrappers are marked, so that those nobody needs are left out. What is left is the driver's own code,
 * unchanged.
 */

const PACKAGE = '@neondatabase/serverless'

/** Where the HTTP part ends: after its last function comes the WebSocket part. */
const END_OF_HTTP = /\(\w+,"getAuthToken"\);/
/** A wrapped module; its helper's one-letter name is looked up from the first lines. */
const COMMON_JS = /var ([\w$]+)=\([\w$]+,[\w$]+\)=>\(\)=>\{try\{return [\w$]+\|\|/
const LAZY_ESM = /var ([\w$]+)=\([\w$]+,[\w$]+,[\w$]+\)=>\(\)=>\{if\(/
const TO_ESM = /([\w$]+)=\([\w$]+,[\w$]+,[\w$]+\)=>\([\w$]+=[\w$]+!=null\?/

/**
 * The driver's file without what only its WebSocket part needs.
 *
 * @param source text of the package's `index.mjs`
 * @returns a module that exports `neon`, `neonConfig`, `NeonDbError` and `types`
 * @throws {Error} when the file is not built as it was: then look at it anew, or use it as it is
 */
export function slimNeon(source: string): string {
  const text = source.replaceAll('\\\n', '')
  const commonJs = find(text, COMMON_JS)
  const lazyEsm = find(text, LAZY_ESM)
  const toEsm = find(text, TO_ESM)
  const end = END_OF_HTTP.exec(text)
  if (!end) throw unknown('the end of the HTTP part')
  const wrappers = text.slice(0, end.index + end[0].length)
  const pgTypes = wrapperWith(wrappers, commonJs, '.builtins=')
  const exported = (name: string) =>
    find(text, new RegExp(`(?:\\{|,\\s*)([\\w$]+) as ${name}\\b`, 'm'))
  const http = wrappers.replaceAll(
    new RegExp(`(var [\\w$]+=)(${escaped(commonJs)}|${escaped(lazyEsm)})\\(`, 'g'),
    '$1/* @__PURE__ */$2(',
  )
  return `${http}
var types=${toEsm}(${pgTypes}());
export{${exported('neon')} as neon,${exported('neonConfig')} as neonConfig,${exported('NeonDbError')} as NeonDbError,types}
`
}

/** The slim driver of the installed package. */
export async function readSlimNeon(): Promise<string> {
  const main = createRequire(import.meta.url).resolve(PACKAGE)
  return slimNeon(await readFile(join(dirname(main), 'index.mjs'), 'utf8'))
}

/** Has esbuild take the slim driver for the whole one. */
export const slimNeonPlugin: Plugin = {
  name: 'slim-neon',
  setup(build) {
    build.onLoad({ filter: /@neondatabase[\\/]serverless[\\/]index\.mjs$/ }, async () => ({
      contents: await readSlimNeon(),
      loader: 'js',
    }))
  },
}

function find(text: string, pattern: RegExp): string {
  const name = pattern.exec(text)?.[1]
  if (!name) throw unknown(String(pattern))
  return name
}

/** The name of the wrapped module that has this in its text. */
function wrapperWith(text: string, helper: string, mark: string): string {
  const at = text.indexOf(mark)
  const starts = [...text.matchAll(new RegExp(`var ([\\w$]+)=${escaped(helper)}\\(`, 'g'))]
  const name = starts.filter(({ index }) => index < at).at(-1)?.[1]
  if (at < 0 || !name) throw unknown(mark)
  return name
}

const escaped = (name: string) => name.replaceAll('$', '\\$')

const unknown = (what: string) => new Error(`${PACKAGE} is built in another way: no ${what}`)
