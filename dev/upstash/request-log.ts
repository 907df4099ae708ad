/** Keeps the last requests for whoever develops: which commands did the application send? */

const MAX_REQUESTS = 2_000
const MAX_ARGUMENT_LENGTH = 200

export interface LoggedRequest {
  seq: number
  /** ISO time. */
  at: string
  path: string
  /** Arguments are cut to 200 characters. */
  commands: string[][]
}

export class RequestLog {
  #seq = 0
  #requests: LoggedRequest[] = []

  add(path: string, commands: string[][]): void {
    this.#seq += 1
    this.#requests.push({
      seq: this.#seq,
      at: new Date().toISOString(),
      path,
      commands: commands.map((command) => command.map((arg) => arg.slice(0, MAX_ARGUMENT_LENGTH))),
    })
    if (this.#requests.length > MAX_REQUESTS) this.#requests.shift()
  }

  /** The newest number, and the requests after `seq`. */
  after(seq: number): { seq: number; requests: LoggedRequest[] } {
    return { seq: this.#seq, requests: this.#requests.filter((request) => request.seq > seq) }
  }
}
