import { isRecord } from './json.ts'
import { Refusal } from './refusal.ts'

/** What `POST /__control/config` can change. */
export interface Settings {
  chat: {
    /** Pause between two events of an answer. */
    eventDelayMs: number
    /** Pause before the first event. */
    firstEventDelayMs: number
    /** Pause between the last content and the finish chunk. */
    finishDelayMs: number
    /** When set, every answer has exactly so many content events, whatever was asked. */
    events: number | null
    /** When set, the fixed text of every answer. */
    answer: string | null
    /** Drop text parts that are only white space, as the real service does. */
    whitespaceLoss: boolean
    /** Whether tool calls carry an id. */
    toolCallIds: boolean
  }
  /** The fraction of an account's quota that one request uses. */
  consumption: number
  /** Exceptions from `consumption` by model. */
  consumptionByModel: Record<string, number>
  /** Whether the upstream keeps what is left for a family of models together, as it really does. */
  meterByFamily: boolean
  /** The fraction by which the upstream's meter moves; 0: by whatever was used. */
  meterStep: number
  /** Which version is played: `A` as of December 2025, `N` the last that there is, of February 2026. */
  version: 'A' | 'N'
  /** Largest accepted request body. */
  bodyLimitBytes: number
  /** Added to the clock, so that expiries can be reached without waiting. */
  clockOffsetMs: number
}

/** The settings at the start and after a reset. */
export function defaultSettings(): Settings {
  return {
    chat: {
      eventDelayMs: 5,
      firstEventDelayMs: 0,
      finishDelayMs: 10,
      events: null,
      answer: null,
      whitespaceLoss: false,
      toolCallIds: true,
    },
    consumption: 0.01,
    consumptionByModel: {},
    meterByFamily: true,
    meterStep: 0,
    version: 'A',
    bodyLimitBytes: 50 * 1024 * 1024,
    clockOffsetMs: 0,
  }
}

/** Changes the named settings, leaving the others alone; an unknown name or a wrong type is refused. */
export function changeSettings(settings: Settings, change: unknown): void {
  if (!isRecord(change)) throw new Refusal(400, 'the settings must be a JSON object')
  const next = structuredClone(settings)
  for (const [name, value] of Object.entries(change)) {
    if (name === 'chat') setChat(next.chat, value)
    else if (name === 'consumptionByModel') next.consumptionByModel = fractions(value)
    else if (name === 'version') next.version = version(value)
    else if (name === 'meterByFamily') next.meterByFamily = flag(name, value)
    else if (isNumberName(name)) next[name] = numeric(name, value)
    else throw new Refusal(400, `unknown setting: ${name}`)
  }
  Object.assign(settings, next)
}

function setChat(chat: Settings['chat'], change: unknown): void {
  if (!isRecord(change)) throw new Refusal(400, 'chat must be a JSON object')
  for (const [name, value] of Object.entries(change)) {
    switch (name) {
      case 'eventDelayMs':
      case 'firstEventDelayMs':
      case 'finishDelayMs':
        chat[name] = numeric(name, value)
        break
      case 'events':
        chat.events = value === null ? null : numeric(name, value)
        break
      case 'answer':
        if (value !== null && typeof value !== 'string') throw wrongType(name)
        chat.answer = value
        break
      case 'whitespaceLoss':
      case 'toolCallIds':
        if (typeof value !== 'boolean') throw wrongType(name)
        chat[name] = value
        break
      default:
        throw new Refusal(400, `unknown setting: chat.${name}`)
    }
  }
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(name)
  return value
}

const NUMBERS = ['consumption', 'meterStep', 'bodyLimitBytes', 'clockOffsetMs'] as const

function isNumberName(name: string): name is (typeof NUMBERS)[number] {
  return (NUMBERS as readonly string[]).includes(name)
}

function version(value: unknown): Settings['version'] {
  if (value !== 'A' && value !== 'N') throw wrongType('version')
  return value
}

function fractions(value: unknown): Record<string, number> {
  if (!isRecord(value)) throw wrongType('consumptionByModel')
  return Object.fromEntries(
    Object.entries(value).map(([model, fraction]) => [model, numeric(model, fraction)]),
  )
}

function numeric(name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(name)
  return value
}

function wrongType(name: string): Refusal {
  return new Refusal(400, `wrong type of setting: ${name}`)
}
