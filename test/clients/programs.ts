import { spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLIENTS_FOLDER } from '../../dev/cli/install-clients.ts'

const TIMEOUT_MS = 150_000

/** How one command-line client is pointed at the gateway and asked to do something. */
export interface Program {
  name: string
  /** Where its calls go, and so what names them in the books. */
  endpoint: string
  /** A prompt that makes the stand-in write a file by the client's own tool. */
  writeFile(name: string, text: string): string
  start(run: Run): Promise<{ command: string; args: string[]; env: Record<string, string> }>
}

export interface Run {
  baseUrl: string
  key: string
  model: string
  prompt: string
  /** Empty, and nobody else's. */
  home: string
}

export interface Outcome {
  status: number | null
  /** Everything that was printed. */
  output: string
}

const inFolder = (...path: string[]) => join(CLIENTS_FOLDER, 'node_modules', ...path)

const claude: Program = {
  name: 'Claude Code',
  endpoint: '/v1/messages',
  writeFile: (name, text) => `call Write ${JSON.stringify({ file_path: name, content: text })}`,
  start: async ({ baseUrl, key, model, prompt }) => ({
    command: await firstOf(
      inFolder('@anthropic-ai', `claude-code-${process.platform}-${process.arch}`, 'claude'),
      inFolder('@anthropic-ai', 'claude-code', 'bin', 'claude.exe'),
    ),
    args: ['-p', prompt, '--model', model, '--permission-mode', 'acceptEdits'],
    env: {
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_AUTH_TOKEN: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      // It would try for minutes.
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
  }),
}

const codex: Program = {
  name: 'Codex',
  endpoint: '/v1/responses',
  writeFile: (name, text) =>
    `call exec_command ${JSON.stringify({ cmd: `echo ${text} > ${name}` })}`,
  async start({ baseUrl, key, model, prompt, home }) {
    await mkdir(join(home, '.codex'))
    await writeFile(
      join(home, '.codex', 'config.toml'),
      `model = "${model}"
model_provider = "shared-accounts"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.shared-accounts]
name = "shared-accounts"
base_url = "${baseUrl}/v1"
env_key = "SHARED_ACCOUNTS_KEY"
wire_api = "responses"
`,
    )
    return {
      command: process.execPath,
      args: [
        inFolder('@openai', 'codex', 'bin', 'codex.js'),
        'exec',
        '--skip-git-repo-check',
        '--dangerously-bypass-approvals-and-sandbox',
        prompt,
      ],
      env: { SHARED_ACCOUNTS_KEY: key },
    }
  },
}

const gemini: Program = {
  name: 'Gemini CLI',
  endpoint: '/v1beta/models:generateContent',
  writeFile: (name, text) =>
    `call write_file ${JSON.stringify({ file_path: name, content: text })}`,
  async start({ baseUrl, key, model, prompt, home }) {
    await mkdir(join(home, '.gemini'))
    await writeFile(
      join(home, '.gemini', 'settings.json'),
      JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        general: { disableAutoUpdate: true },
      }),
    )
    return {
      command: process.execPath,
      args: [
        inFolder('@google', 'gemini-cli', 'bundle', 'gemini.js'),
        '-m',
        model,
        '-y',
        '-p',
        prompt,
      ],
      env: {
        GEMINI_API_KEY: key,
        GOOGLE_GEMINI_BASE_URL: baseUrl,
        GEMINI_CLI_TRUST_WORKSPACE: 'true',
      },
    }
  },
}

export const PROGRAMS: readonly Program[] = [claude, codex, gemini]

async function firstOf(...paths: string[]): Promise<string> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) return path
  }
  throw new Error(`None of ${paths.join(', ')} is there: run "npm run test:clients".`)
}

/** An empty folder to work in, beside an empty home; gone when the test is over. */
export async function emptyFolder(): Promise<{ home: string; work: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'shared-accounts-client-'))
  const [home, work] = [join(folder, 'home'), join(folder, 'work')]
  await Promise.all([mkdir(home), mkdir(work)])
  return {
    home,
    work,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Runs a program to its end. It sees nothing of this process's environment but the way to its tools. */
export async function run(
  program: Program,
  folder: { home: string; work: string },
  input: Omit<Run, 'home'>,
): Promise<Outcome> {
  const { command, args, env } = await program.start({ ...input, home: folder.home })
  const child = spawn(command, args, {
    cwd: folder.work,
    env: { PATH: process.env.PATH, HOME: folder.home, NO_PROXY: '*', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { status, output }
}
