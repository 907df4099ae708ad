import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Endpoint, scalar } from '../neon/support.ts'

/** Two ordinary migrations, as drizzle-kit writes them. */
export const BASIC = {
  '0000_first': [
    'CREATE TABLE "first" (\n\t"id" serial PRIMARY KEY NOT NULL\n);',
    'INSERT INTO "first" DEFAULT VALUES;',
  ],
  '0001_second': [
    '-- a comment\nALTER TABLE "first" ADD COLUMN "note" text;',
    'CREATE TABLE "second" ()',
  ],
}

/** A project directory with a `drizzle` folder of its own. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'migrator-test-'))

  constructor(migrations: Record<string, string[]>) {
    mkdirSync(join(this.directory, 'drizzle', 'meta'), { recursive: true })
    this.write(migrations)
  }

  write(migrations: Record<string, string[]>): void {
    const names = Object.keys(migrations)
    for (const [name, statements] of Object.entries(migrations)) {
      this.file(`drizzle/${name}.sql`, statements.join('\n--> statement-breakpoint\n'))
    }
    const entries = names.map((tag, idx) => ({
      idx,
      version: '7',
      when: idx,
      tag,
      breakpoints: true,
    }))
    this.file('drizzle/meta/_journal.json', JSON.stringify({ version: '7', entries }))
  }

  file(name: string, content: string): void {
    writeFileSync(join(this.directory, name), content)
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export interface CliResult {
  status: number | null
  stdout: string
  stderr: string
}

/** Starts `db:migrate` in a project; `environment` is all that it sees. */
export function startCli(
  project: Project,
  environment: Record<string, string>,
): { child: ChildProcess; result: Promise<CliResult> } {
  const script = fileURLToPath(new URL('../../../dev/cli/migrate.ts', import.meta.url))
  const child = spawn(process.execPath, [script], {
    cwd: project.directory,
    env: { PATH: process.env.PATH, ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const result = new Promise<CliResult>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
  return { child, result }
}

export function runCli(project: Project, environment: Record<string, string>): Promise<CliResult> {
  return startCli(project, environment).result
}

export function environmentOf(neon: Endpoint): Record<string, string> {
  return { DATABASE_URL: neon.connectionString, NEON_FETCH_ENDPOINT: neon.sqlUrl }
}

export async function tableExists(neon: Endpoint, name: string): Promise<boolean> {
  return (await scalar(neon, 'select to_regclass($1) is not null', [name])) === 't'
}

/** Names that the bookkeeping table holds, in the order in which they were applied. */
export async function appliedNames(neon: Endpoint): Promise<string[]> {
  const list = await scalar(
    neon,
    "select coalesce(json_agg(name order by applied_at), '[]') from migrations.applied",
  )
  return JSON.parse(String(list))
}
