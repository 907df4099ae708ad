import { countOf, type JsonObject } from '../fields.ts'

/** Follows the choices of one streamed answer: which have begun, and which have said their last word. */
export class Choices {
  readonly #open = new Set<number>()
  readonly #finished = new Set<number>()
  /** Some servers write a finish into every chunk: theirs says nothing about the end. */
  #isFinishVague = false

  /** Every choice that was begun has finished. */
  get areWhole(): boolean {
    return this.#open.size === 0 && this.#finished.size > 0
  }

  /** The same, and nothing speaks for more to come. */
  get haveEnded(): boolean {
    return this.areWhole && !this.#isFinishVague
  }

  /** @param said whether the chunk says more than that */
  read(choice: JsonObject, said: boolean): void {
    const index = countOf(choice.index) ?? 0
    if (choice.finish_reason) {
      this.#isFinishVague ||= said
      this.#open.delete(index)
      this.#finished.add(index)
    } else if (said || !this.#finished.has(index)) {
      this.#isFinishVague ||= this.#finished.delete(index)
      this.#open.add(index)
    }
  }
}

/** What OpenAI, DeepSeek, Zhipu, vLLM and SGLang write where the model was stopped by a failure. */
const FAILURES = /^(error|abort(ed)?|cancelled|network_error|insufficient_system_resource)$/i

/** The choice was broken off, and says so. */
export function hasFailed({ finish_reason: reason }: JsonObject): boolean {
  return typeof reason === 'string' && FAILURES.test(reason)
}

/** What names a thing or says who speaks, and is no part of what is said. */
const LABELS = new Set(['role', 'id', 'type', 'index', 'format', 'signature'])

/** What a delta or a message says, in UTF-8 bytes: its texts, and the names and arguments of tools. */
export function spokenBytes(said: unknown): number {
  if (typeof said === 'string') return byteLength(said)
  if (typeof said !== 'object' || said === null) return 0
  let size = 0
  for (const [name, value] of Object.entries(said)) {
    if (!LABELS.has(name)) size += spokenBytes(value)
  }
  return size
}

/** Exact for ASCII; other characters count three bytes, as nearly all of them have. */
export function byteLength(text: string): number {
  let extra = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) extra += 2
  return text.length + extra
}
