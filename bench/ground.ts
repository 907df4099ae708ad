import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seed } from '../dev/seed/seed.ts'
import { readSettings } from '../dev/stack/settings.ts'
import { type Stack, startStack } from '../dev/stack/stack.ts'
import { type SupervisedPart, supervise } from '../dev/stack/supervisor.ts'
import { bundleWorker } from '../dev/worker/bundle.ts'
import { readWranglerConfig } from '../dev/worker/server.ts'
import { isSettingName } from '../src/config.ts'
import { startBare } from './contenders/bare.ts'
import {
  type Absent,
  CONTENDERS,
  type Contender,
  type ContenderName,
} from './contenders/contender.ts'
import { oursFiles } from './contenders/ours.ts'
import { portkeyHeaders, startPortkey } from './contenders/portkey.ts'
import type { Job, JobResult } from './load/job.ts'
import { type Program, startWorkerd } from './processes/workerd.ts'
import type { UpstreamDialect } from './upstream/answers.ts'
import type { UpstreamOptions } from './upstream/server.ts'

const DIALECT_SETTING = 'PLUGIN_API_DIALECT'
/** Settings of the measured Worker besides those of the local stack, as far as the Worker knows them. */
const BENCH_SETTINGS = {
  UPSTREAM_API_KEY: 'sk-bench-upstream',
  // One person sends everything here; the limit is still counted, but never reached.
  RATE_LIMIT: '10000000/1m',
}

/** Everything that runs besides the contenders, and how to start more of ours. */
export interface Ground {
  contenders: Contender[]
  absent: Absent[]
  /** Ends a contender that cannot take part. */
  leaveOut(contender: Contender, reason: string): void
  /** Processes of the stores: what they do belongs to no contender. */
  storePids(): number[]
  /** Processes of everything else: gateways, upstreams, load generator. */
  otherPids(): number[]
  /** Processes that have to be at rest before a measurement. */
  sharedPids(): number[]
  runLoad(job: Job): Promise<JobResult>
  /** Starts one more of our Workers with other settings. */
  startOurs(dialect: UpstreamDialect, bindings?: Record<string, string>): Promise<Contender>
  startBare(): Promise<Contender>
  stack: Stack
  /** The Worker's bundle, with its source map. */
  script: string
}

/**
 * Starts the stores, the upstreams, the load generator and the contenders, each in a process of its
 * own.
 *
 * @param resources takes over whatever has to be ended, also of a start that fails halfway
 */
export async function prepareGround(
  resources: AsyncDisposableStack,
  onProgress: (message: string) => void,
): Promise<Ground> {
  onProgress('Starting the stores and the stand-in plug-in API …')
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-bench-'))
  const settings = await readSettings({ PORT: '0', DATA_DIR: dataDir }, [])
  const stack = await startStack(settings, { silent: true })
  resources.defer(() => stack.stop())
  const { apiKey } = await seed({
    bindings: stack.bindings,
    hasStandIn: true,
    earlier: null,
  })

  onProgress('Starting the upstreams, the load generator and the gateways …')
  const start = async <Options extends { port?: number }>(
    name: string,
    folder: string,
    options: Options,
  ) => {
    const entry = join(import.meta.dirname, folder, 'main.ts')
    const part = await supervise({ name, entry, options })
    resources.defer(() => part.stop())
    return part
  }
  const behind = stack.bindings.PLUGIN_API_BASE_URL ?? ''
  const upstreams: Record<UpstreamDialect, SupervisedPart> = {
    openai: await start<UpstreamOptions>('The upstream', 'upstream', { dialect: 'openai', behind }),
    antigravity: await start<UpstreamOptions>('The plug-in upstream', 'upstream', {
      dialect: 'antigravity',
      behind,
    }),
  }
  const load = await start('The load generator', 'load', {})
  const script = await bundleWorker()
  const { compatibility_date } = await readWranglerConfig()
  const keep = (program: Program): Program => {
    resources.defer(() => program.stop())
    return program
  }

  const ground: Ground = {
    contenders: [],
    absent: [],
    stack,
    script,
    leaveOut(contender, reason) {
      ground.contenders = ground.contenders.filter((other) => other !== contender)
      ground.absent.push({ name: contender.name, reason })
      void contender.program?.stop()
    },
    storePids: () => [stack.database?.pid() ?? 0, stack.redis?.pid() ?? 0],
    otherPids: () => [
      ...ground.contenders.flatMap(({ program }) => program?.pid ?? []),
      ...[load, upstreams.openai, upstreams.antigravity].map((part) => part.pid()),
    ],
    sharedPids: () => [...ground.storePids(), upstreams.openai.pid(), upstreams.antigravity.pid()],
    async runLoad(job) {
      const response = await fetch(load.url, { method: 'POST', body: JSON.stringify(job) })
      return (await response.json()) as JobResult
    },
    async startOurs(dialect, bindings = {}) {
      const program = await startWorkerd(
        await oursFiles(script, {
          ...stack.bindings,
          ...known({ ...BENCH_SETTINGS, [DIALECT_SETTING]: dialect }),
          PLUGIN_API_BASE_URL: upstreams[dialect].url,
          ...bindings,
        }),
      )
      keep(program)
      return { name: dialect, url: program.url, program, headers: bearer(apiKey) }
    },
    async startBare() {
      const program = keep(await startBare(upstreams.openai.url, compatibility_date))
      return { name: 'bare', url: program.url, program, headers: bearer('sk-bench') }
    },
  }
  const starts: Record<ContenderName, () => Promise<Contender>> = {
    direct: async () => {
      const { url } = upstreams.openai
      return { name: 'direct', url, headers: bearer('sk-bench'), program: null }
    },
    bare: ground.startBare,
    antigravity: () => ground.startOurs('antigravity'),
    openai: () => {
      if (isSettingName(DIALECT_SETTING)) return ground.startOurs('openai')
      throw new Error(`there is no setting ${DIALECT_SETTING}`)
    },
    portkey: async () => {
      const { url, ...program } = keep(await startPortkey())
      const headers = portkeyHeaders(upstreams.openai.url)
      return { name: 'portkey', url, headers, program: { url, ...program } }
    },
  }
  for (const name of CONTENDERS) {
    try {
      ground.contenders.push(await starts[name]())
    } catch (error) {
      ground.absent.push({ name, reason: (error as Error).message })
    }
  }
  return ground
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

function known(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isSettingName(name)))
}
