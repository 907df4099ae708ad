import { type ChildProcess, fork } from 'node:child_process'
import { endWithUs } from './living.ts'
import type { PartReport, PartRequest } from './part.ts'

const STOP_GRACE_MS = 6_000
const RESTART_DELAY_MS = 300
const MAX_RESTARTS_A_MINUTE = 10

/** One process of the stack, kept alive. */
export interface SupervisedPart {
  name: string
  url: string
  /** Changes when the part had to be started again. */
  pid(): number
  stop(): Promise<void>
}

interface PartSpec<Options extends { port?: number }> {
  name: string
  /** Module that calls `runPart`. */
  entry: string
  options: Options
  /** Told when the part died and runs again. */
  onRestart?: (part: SupervisedPart) => void
  silent?: boolean
  /** An open file that receives the part's output; the terminal when absent. */
  output?: number | undefined
}

/**
 * Starts a part in a process group of its own and keeps it running: whatever kills it, it comes back
 * on the same port.
 *
 * @throws {Error} the part's own one-line message when it does not start
 */
export async function supervise<Options extends { port?: number }>(
  spec: PartSpec<Options>,
): Promise<SupervisedPart> {
  let isStopping = false
  let restarts: number[] = []
  let { child, url } = await launch(spec, spec.options)

  const part: SupervisedPart = {
    name: spec.name,
    url,
    pid: () => child.pid ?? 0,
    stop: async () => {
      isStopping = true
      await end(child)
    },
  }

  const watch = () => {
    child.once('exit', async () => {
      if (isStopping) return
      killGroup(child)
      restarts = [...restarts.filter((at) => at > Date.now() - 60_000), Date.now()]
      if (restarts.length > MAX_RESTARTS_A_MINUTE) {
        console.error(`${spec.name} keeps dying; it is not started again.`)
        return
      }
      console.error(`${spec.name} has died and is started again.`)
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS))
      if (isStopping) return
      try {
        ;({ child, url } = await launch(spec, {
          ...spec.options,
          port: Number(new URL(part.url).port),
        }))
        watch()
        spec.onRestart?.(part)
      } catch (error) {
        console.error(`${spec.name} does not start again: ${(error as Error).message}`)
      }
    })
  }
  watch()
  return part
}

async function launch<Options>(
  spec: { name: string; entry: string; silent?: boolean; output?: number | undefined },
  options: Options,
) {
  const child = fork(spec.entry, [], {
    // A group of its own: Ctrl-C is handled here, in order, and nothing it started survives it.
    detached: true,
    stdio: ['ignore', spec.output ?? (spec.silent ? 'ignore' : 'inherit'), 'inherit', 'ipc'],
  })
  // A parent that is killed without a word takes its parts with it: they see the channel close.
  endWithUs(child, () => killGroup(child))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (report: PartReport) => {
      if (report.type === 'ready') resolve(report.url)
      else reject(new Error(report.message))
    })
    child.once('exit', (code) =>
      reject(new Error(`${spec.name} ended with status ${code} before it was ready.`)),
    )
    child.send({ type: 'start', options } satisfies PartRequest)
  })
  return { child, url }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    if (child.connected) child.send({ type: 'stop' } satisfies PartRequest)
    else child.kill('SIGTERM')
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      exited,
      new Promise((resolve) => (timer = setTimeout(resolve, STOP_GRACE_MS))),
    ])
    clearTimeout(timer)
  }
  killGroup(child)
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}
