import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is tried against us, by exact version: it is large, and changes every day. */
const CLIENTS = {
  '@anthropic-ai/claude-code': '2.1.328',
  '@google/gemini-cli': '0.61.0',
  '@openai/codex': '0.169.0',
  // Tries servers of the Model Context Protocol.
  '@modelcontextprotocol/conformance': '0.2.0-alpha.12',
}

/** Outside the project's own dependencies. */
export const CLIENTS_FOLDER = resolve(process.env.CLIENTS_FOLDER || '.clients')

/** Installs what is not there yet. None of their scripts is run. */
function install(): void {
  mkdirSync(CLIENTS_FOLDER, { recursive: true })
  const manifest = { private: true, dependencies: CLIENTS }
  writeFileSync(join(CLIENTS_FOLDER, 'package.json'), JSON.stringify(manifest, null, 2))
  const { status } = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: CLIENTS_FOLDER, stdio: 'inherit' },
  )
  if (status !== 0) process.exit(status ?? 1)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) install()
