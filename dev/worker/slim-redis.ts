import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/*
 * Upstash's client has a method for each of Redis' commands, and each of them a class of its own, in one
 * class that a bundler has to take whole. Here the methods go that nothing names; the bundler then
 * leaves their classes out. What is left is the client's own code, unchanged.
 */

const PACKAGE = '@upstash/redis'

/** A command's method: an arrow function that makes the command, and sends or queues it. */
const METHOD = /^ {2}(\w+) = \([^\n]*\) => (?:this\.chain\()?new \w+Command\([^;]*?;\n/gm
/** The commands of RedisJSON, in an object of their own. */
const JSON_COMMANDS = /^ {2}get json\(\) \{\n[\s\S]*?^ {2}\}\n/gm
/** Fewer than that are left out of no version of the package that is written as this one. */
const LEAST_LEFT_OUT = 200

/**
 * The client's module without the commands that nobody names.
 *
 * @param source text of the module that all entries of the package import
 * @param callers texts of whatever may call the client
 * @throws {Error} when the module is not written as it was: then look at it anew, or use it as it is
 */
export function slimRedis(source: string, callers: string): string {
  const named = new Set([...callers.matchAll(/\.(\w+)/g)].map(([, name]) => name))
  let leftOut = 0
  const unless = (isNamed: boolean, text: string) => {
    if (isNamed) return text
    leftOut++
    return ''
  }
  const slim = source
    .replace(JSON_COMMANDS, (text) => unless(/redis\.json\b/.test(callers), text))
    .replace(METHOD, (text, name: string) => unless(named.has(name), text))
  if (leftOut < LEAST_LEFT_OUT) throw new Error(`${PACKAGE} is written in another way`)
  return slim
}

/** The slim client of the installed package: its entry for Workers, and the module which that imports. */
export async function readSlimRedis(): Promise<Record<'cloudflare.mjs' | (string & {}), string>> {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve(`${PACKAGE}/cloudflare`))
  const entry = await readFile(join(folder, 'cloudflare.mjs'), 'utf8')
  const name = /from "\.\/(chunk-\w+\.mjs)"/.exec(entry)?.[1]
  if (!name) throw new Error(`${PACKAGE} is written in another way: no module of its own`)
  const source = join(import.meta.dirname, '../../src')
  const ratelimit = join(dirname(require.resolve('@upstash/ratelimit')), 'index.mjs')
  const files = [ratelimit, ...globSync(join(source, '**/*.ts'))]
  const callers = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const slim = slimRedis(await readFile(join(folder, name), 'utf8'), callers.join('\n'))
  return { 'cloudflare.mjs': entry, [name]: slim }
}

/** Has esbuild take the slim client for the whole one. */
export const slimRedisPlugin: Plugin = {
  name: 'slim-redis',
  setup(build) {
    build.onLoad({ filter: /@upstash[\\/]redis[\\/]chunk-\w+\.mjs$/ }, async ({ path }) => ({
      contents: (await readSlimRedis())[path.split(/[\\/]/).at(-1) ?? ''] ?? '',
      loader: 'js',
    }))
  },
}
