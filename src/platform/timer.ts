/** One thing to do later. */
export interface Timer {
  cancel(): void
}

export function startTimer(ms: number, run: () => void): Timer {
  const id = setTimeout(run, ms)
  return { cancel: () => clearTimeout(id) }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** What `work` gives, or `fallback` when it takes longer. The work itself goes on. */
export async function within<Value, Fallback>(
  ms: number,
  work: Promise<Value>,
  fallback: Fallback,
): Promise<Value | Fallback> {
  const late = Promise.withResolvers<Fallback>()
  const timer = startTimer(ms, () => late.resolve(fallback))
  try {
    return await Promise.race([work, late.promise])
  } finally {
    timer.cancel()
  }
}
