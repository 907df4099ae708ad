/**
 * A process that outlives the bench for an instant: should the bench be killed without a word, the
 * channel to it closes, and whatever it had spawned is ended here.
 */
const pids = new Set<number>()

process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('SIGHUP', () => undefined)
process.on('message', ({ watch, forget }: { watch?: number; forget?: number }) => {
  if (watch !== undefined) pids.add(watch)
  if (forget !== undefined) pids.delete(forget)
})
process.on('disconnect', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Has ended already.
    }
  }
  process.exit(0)
})
