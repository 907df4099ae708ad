export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Fields of one log line. Never put a secret, a request body or an exception's message into them. */
export type LogFields = Record<string, string | number | boolean | null | undefined>

export interface Logger {
  log(level: LogLevel, event: string, fields?: LogFields): void
}

/** One JSON object a line, on the Worker's log stream. */
export function createLogger(minimum: LogLevel, now: () => number): Logger {
  const threshold = LOG_LEVELS.indexOf(minimum)
  return {
    log(level, event, fields = {}) {
      if (LOG_LEVELS.indexOf(level) < threshold) return
      console.log(JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...fields }))
    },
  }
}

/** The log hears of an exception by its class only: messages can carry SQL parameters and secrets. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
