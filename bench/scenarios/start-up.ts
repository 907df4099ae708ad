import { gzipSync } from 'node:zlib'
import { readWranglerConfig } from '../../dev/worker/server.ts'
import { bareFiles } from '../contenders/bare.ts'
import { oursFiles } from '../contenders/ours.ts'
import type { Ground } from '../ground.ts'
import { cpuMs } from '../processes/usage.ts'
import { startWorkerd, type WorkerdFiles } from '../processes/workerd.ts'
import { median } from '../report/statistics.ts'

/** What it takes until a new process has answered its first request. */
export interface StartUp {
  wallMs: number
  cpuMs: number
}

export interface StartUpResult {
  bare: StartUp
  ours: StartUp
  bundle: { bytes: number; gzipBytes: number }
}

/** Starts an empty Worker and ours, turn by turn. The first request has no credential and reaches no store. */
export async function measureStartUp(ground: Ground, starts: number): Promise<StartUpResult> {
  const { compatibility_date } = await readWranglerConfig()
  const script = withoutSourceMap(ground.script)
  const bare = bareFiles('http://127.0.0.1:9', compatibility_date)
  const empty = {
    ...bare,
    modules: { 'worker.js': 'export default { fetch: () => new Response() }' },
  }
  const ours = await oursFiles(script, ground.stack.bindings)
  const taken: { bare: StartUp[]; ours: StartUp[] } = { bare: [], ours: [] }
  for (let start = 0; start < starts; start++) {
    taken.bare.push(await startOnce(empty))
    taken.ours.push(await startOnce(ours))
  }
  return {
    bare: middle(taken.bare),
    ours: middle(taken.ours),
    bundle: {
      bytes: Buffer.byteLength(script),
      gzipBytes: gzipSync(script, { level: 9 }).byteLength,
    },
  }
}

async function startOnce(files: WorkerdFiles): Promise<StartUp> {
  let spawnedAt = 0
  const program = await startWorkerd(files, {
    onSpawn: () => {
      spawnedAt = performance.now()
    },
  })
  try {
    const response = await fetch(`${program.url}/v1/models`)
    await response.arrayBuffer()
    return { wallMs: performance.now() - spawnedAt, cpuMs: cpuMs(program.pid) ?? Number.NaN }
  } finally {
    await program.stop()
  }
}

function middle(starts: readonly StartUp[]): StartUp {
  return {
    wallMs: median(starts.map((start) => start.wallMs)),
    cpuMs: median(starts.map((start) => start.cpuMs)),
  }
}

/** A deployment uploads the map beside the bundle, not in it. */
function withoutSourceMap(script: string): string {
  return script.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
}
