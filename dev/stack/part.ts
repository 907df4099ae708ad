/**
 * What every process of the local stack does alike: it is forked by the supervisor, receives its
 * options over the IPC channel, says where it listens, and ends when asked to or when its parent dies.
 */

/** A running server of the local stack. */
export interface RunningPart {
  /** Where it listens, e.g. `http://127.0.0.1:41234`. */
  url: string
  /** Stops listening and gives back every resource. */
  close(): Promise<void>
}

/** What the parent process sends. */
export type PartRequest = { type: 'start'; options: unknown } | { type: 'stop' }

/** What the part answers. */
export type PartReport = { type: 'ready'; url: string } | { type: 'failed'; message: string }

/**
 * Runs this process as one part of the stack.
 *
 * @param start starts the server with the options that the parent sent; what it throws is
 *   reported to the parent as one line and ends the process with status 1
 */
export function runPart<Options>(start: (options: Options) => Promise<RunningPart>): void {
  let running: RunningPart | undefined
  let ending = false

  const end = async (status: number) => {
    if (ending) return
    ending = true
    // A part that cannot close in time must not keep the whole stack from stopping.
    setTimeout(() => process.exit(status), 5_000).unref()
    await running?.close().catch(() => undefined)
    process.exit(status)
  }

  // Ctrl-C reaches the whole process group; the parent decides the order of stopping.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => void end(0))
  process.on('disconnect', () => void end(0))
  process.on('message', async (message: PartRequest) => {
    if (message.type === 'stop') return end(0)
    try {
      running = await start(message.options as Options)
      report({ type: 'ready', url: running.url })
    } catch (error) {
      report({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
      await end(1)
    }
  })
}

function report(message: PartReport): void {
  process.send?.(message)
}
