import type { IncomingMessage } from 'node:http'

const KEPT_REQUESTS = 5_000
const KEPT_BODY_BYTES = 4_096

/** One received request, as `GET /__control/requests` shows it. */
export interface RequestRecord {
  seq: number
  at: string
  method: string
  path: string
  query: string
  headers: Record<string, string>
  /** The account system that the caller asked for. */
  accountType: string
  bodyBytes: number
  /** The first 4 KB. */
  body: string
  /** The status that was answered, once it was. */
  status: number | null
  /** The armed failure that hit the request. */
  failure: string | null
  /** The client went away before the answer was complete. */
  aborted: boolean
  /** Everything for this request is done, including what goes on after the client left. */
  finished: boolean
}

/** The latest requests, oldest first. */
export class RequestLog {
  #records: RequestRecord[] = []
  #seq = 0

  /** Adds a request whose head has arrived. */
  begin(request: IncomingMessage, url: URL): RequestRecord {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(request.headers)) {
      headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
    }
    this.#seq += 1
    const record: RequestRecord = {
      seq: this.#seq,
      at: new Date().toISOString(),
      method: request.method ?? '',
      path: url.pathname,
      query: url.search,
      headers,
      accountType: headers['x-account-type'] ?? 'antigravity',
      bodyBytes: 0,
      body: '',
      status: null,
      failure: null,
      aborted: false,
      finished: false,
    }
    this.#records.push(record)
    if (this.#records.length > KEPT_REQUESTS) this.#records.shift()
    return record
  }

  /** Notes the body of a request. */
  static noteBody(record: RequestRecord, body: Buffer): void {
    record.bodyBytes = body.length
    record.body = body.subarray(0, KEPT_BODY_BYTES).toString('utf8')
  }

  /** The requests after a sequence number. */
  after(seq: number): RequestRecord[] {
    return this.#records.filter((record) => record.seq > seq)
  }

  /** The number of the latest request. */
  get latest(): number {
    return this.#seq
  }
}
