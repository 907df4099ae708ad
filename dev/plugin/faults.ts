import { isRecord } from './json.ts'
import { Refusal } from './refusal.ts'

/** Failures that the contract documents: they have a meaning and an answer of their own. */
export const UPSTREAM_FAILURES = [
  'no_account',
  'pool_empty',
  'build_failed',
  'resource_exhausted',
  'upstream_400',
  'upstream_400_unknown',
  'project_invalid',
  'upstream_401',
  'upstream_403',
  'upstream_403_permission',
  'upstream_500',
  'upstream_502',
  'upstream_503',
  'illegal_prompt',
  'terminated_midway',
  'image_too_large',
] as const

/** Failures that replace the whole exchange, before any handler runs. */
export const BLUNT_FAULTS = [
  'refuse',
  'hang',
  'html_error',
  'invalid_key_401',
  'http_error',
] as const

/** Failures that spoil how a right answer travels. */
export const TRANSPORT_FAULTS = [
  'hang_midway',
  'reset_midway',
  'killed_midway',
  'clean_early_end',
  'slow',
  'garbage',
  'huge',
  'silence_first',
  'late_finish',
  'no_done',
  'split_bytes',
  'crlf',
  'many_events',
  'drop_answer',
] as const

export type UpstreamFailureName = (typeof UPSTREAM_FAILURES)[number]
export type FailureName =
  | UpstreamFailureName
  | (typeof BLUNT_FAULTS)[number]
  | (typeof TRANSPORT_FAULTS)[number]

const NAMES: readonly string[] = [...UPSTREAM_FAILURES, ...BLUNT_FAULTS, ...TRANSPORT_FAULTS]

/** One failure waiting for its request. */
export interface Armed {
  failure: FailureName
  /** How many more requests it will hit. */
  times: number
  /** The exact path, or a prefix when it ends in `*`. */
  path: string
  method?: string
  /** When given, only requests whose Authorization header or body contains this text. */
  match?: string
  delayMs?: number
  afterEvents?: number
  /** The text of the error, or of the answer where the failure keeps one. */
  text?: string
  /** For `http_error`. */
  status?: number
  /** For `huge`. */
  sizeBytes?: number
  /** For `many_events`. */
  events?: number
}

/** Whether a failure is one of the documented upstream failures. */
export function isUpstreamFailure(name: FailureName): name is UpstreamFailureName {
  return (UPSTREAM_FAILURES as readonly string[]).includes(name)
}

/** The armed failures, in the order of arming. */
export class Faults {
  #armed: Armed[] = []

  /** Adds a failure described by the body of `POST /__control/arm`. */
  arm(description: unknown): Armed {
    const armed = readArmed(description)
    this.#armed.push(armed)
    return armed
  }

  /** Takes the failure for a request whose body is not read yet: one without `match`. */
  takeAtHead(method: string, path: string): Armed | undefined {
    return this.#take((armed) => armed.match === undefined && aimsAt(armed, method, path))
  }

  /** Takes the failure whose `match` occurs in the request. */
  takeMatching(method: string, path: string, haystacks: () => string[]): Armed | undefined {
    if (!this.#armed.some((armed) => armed.match !== undefined)) return undefined
    const texts = haystacks()
    return this.#take(
      (armed) =>
        aimsAt(armed, method, path) &&
        armed.match !== undefined &&
        texts.some((text) => text.includes(armed.match ?? '')),
    )
  }

  /** What is still armed. */
  list(): readonly Armed[] {
    return this.#armed
  }

  /** Disarms everything. */
  reset(): void {
    this.#armed = []
  }

  #take(fits: (armed: Armed) => boolean): Armed | undefined {
    const index = this.#armed.findIndex(fits)
    const armed = this.#armed[index]
    if (!armed) return undefined
    armed.times -= 1
    if (armed.times <= 0) this.#armed.splice(index, 1)
    return { ...armed }
  }
}

function aimsAt(armed: Armed, method: string, path: string): boolean {
  if (armed.method !== undefined && armed.method !== method) return false
  return armed.path.endsWith('*') ? path.startsWith(armed.path.slice(0, -1)) : path === armed.path
}

function readArmed(description: unknown): Armed {
  if (!isRecord(description)) throw new Refusal(400, 'a JSON object with "failure" is expected')
  const failure = description.failure
  if (!isFailureName(failure)) {
    throw new Refusal(400, `unknown failure; known: ${NAMES.join(', ')}`)
  }
  const dropsUser = failure === 'drop_answer'
  const armed: Armed = {
    failure,
    times: 1,
    path: dropsUser ? '/api/users' : '/v1/chat/completions',
    ...(dropsUser ? { method: 'POST' } : {}),
  }
  for (const [name, value] of Object.entries(description)) {
    switch (name) {
      case 'failure':
        break
      case 'times':
      case 'delayMs':
      case 'afterEvents':
      case 'status':
      case 'sizeBytes':
      case 'events':
        if (typeof value !== 'number') throw new Refusal(400, `${name} must be a number`)
        armed[name] = value
        break
      case 'path':
      case 'method':
      case 'match':
      case 'text':
        if (typeof value !== 'string') throw new Refusal(400, `${name} must be a string`)
        armed[name] = value
        break
      default:
        throw new Refusal(400, `unknown field: ${name}`)
    }
  }
  return armed
}

function isFailureName(value: unknown): value is FailureName {
  return typeof value === 'string' && NAMES.includes(value)
}
