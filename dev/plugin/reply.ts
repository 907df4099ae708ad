import type { ServerResponse } from 'node:http'
import type { Armed } from './faults.ts'
import type { Pacer } from './pacer.ts'
import type { RequestRecord } from './request-log.ts'

/** Default of `sizeBytes` for the failure `huge`. */
export const HUGE_BYTES = 8 * 1024 * 1024
/** Default of `delayMs` for the failures that are about waiting. */
export const DEFAULT_DELAY_MS = 1_000

/** UTF-8 bytes from here on begin a character of several bytes. */
const FIRST_LEAD_BYTE = 0xc0

/** The way back to the client: writes whole answers and carries out armed transport faults. */
export class Reply {
  readonly response: ServerResponse
  readonly record: RequestRecord
  fault: Armed | undefined
  /** Whether this side broke the connection off. */
  brokeOff = false
  readonly #pacer: Pacer
  readonly #gone: Promise<void>

  constructor(response: ServerResponse, record: RequestRecord, pacer: Pacer) {
    this.response = response
    this.record = record
    this.#pacer = pacer
    this.#gone = new Promise((resolve) => response.once('close', resolve))
  }

  /** Whether the client can still receive something. */
  get open(): boolean {
    return !this.response.destroyed && !this.response.writableEnded
  }

  /** Answers JSON. */
  json(status: number, value: unknown): Promise<void> {
    return this.#whole(status, 'application/json; charset=utf-8', JSON.stringify(value))
  }

  /** Answers an HTML page. */
  html(status: number, page: string, headers: Record<string, string> = {}): Promise<void> {
    return this.#whole(status, 'text/html; charset=utf-8', page, headers)
  }

  /** Answers the bare error page of the web framework. */
  errorPage(status: number, text: string): Promise<void> {
    return this.html(status, frameworkPage(text))
  }

  /** Sends the status line and headers. */
  head(status: number, headers: Record<string, string | number>): void {
    if (!this.open) return
    this.record.status = status
    this.response.writeHead(status, headers)
    this.response.flushHeaders()
  }

  /** Writes bytes, waiting for a slow reader; a client that left is no error. */
  async write(data: string | Uint8Array): Promise<void> {
    if (!this.open) return
    if (!this.response.write(data)) {
      await Promise.race([
        new Promise<void>((resolve) => this.response.once('drain', resolve)),
        this.#gone,
      ])
    }
  }

  /** Writes bytes in pieces of 1 to 7, cutting inside every character that has several bytes. */
  async writeSplit(data: string): Promise<void> {
    const bytes = Buffer.from(data)
    let at = 0
    for (let size = 1; at < bytes.length; size = (size % 7) + 1) {
      const lead = bytes.subarray(at, at + size).findIndex((byte) => byte >= FIRST_LEAD_BYTE)
      const end = lead < 0 ? at + size : at + lead + 1
      await this.write(bytes.subarray(at, end))
      at = end
      // Without a turn of the event loop, or better a moment, the pieces would leave in one segment.
      if (lead < 0) await new Promise((resolve) => setImmediate(resolve))
      else await this.pause(2)
    }
  }

  /** Ends the answer. */
  end(): void {
    if (this.open) this.response.end()
  }

  /** Closes the connection without an answer. */
  destroy(): void {
    this.brokeOff = true
    this.response.destroy()
  }

  /** Resets the connection (RST), after giving what was written time to arrive. */
  async reset(): Promise<void> {
    await this.#pacer.sleep(20)
    this.brokeOff = true
    const socket = this.response.socket
    if (socket) socket.resetAndDestroy()
    else this.response.destroy()
  }

  /** Stays silent until the client gives up or the server stops. */
  silence(): Promise<void> {
    return this.#gone
  }

  /** Waits. */
  pause(ms: number): Promise<void> {
    return this.#pacer.sleep(ms)
  }

  async #whole(
    status: number,
    type: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<void> {
    const fault = this.fault
    const wait = fault?.delayMs ?? DEFAULT_DELAY_MS
    switch (fault?.failure) {
      case 'slow':
      case 'late_finish':
        await this.pause(wait)
        break
      case 'drop_answer':
        return this.destroy()
      case 'silence_first':
        this.head(status, { ...headers, 'Content-Type': type })
        await this.pause(wait)
        await this.write(body)
        return this.end()
      case 'hang_midway':
      case 'reset_midway':
      case 'killed_midway':
      case 'clean_early_end':
        this.head(status, { ...headers, 'Content-Type': type })
        await this.write(Buffer.from(body).subarray(0, body.length / 2))
        if (fault.failure === 'hang_midway') return this.silence()
        return fault.failure === 'clean_early_end' ? this.end() : this.reset()
      case 'split_bytes':
        this.head(status, { ...headers, 'Content-Type': type })
        await this.writeSplit(body)
        return this.end()
      case 'garbage':
        return this.#send(status, type, fault.text ?? `${body.slice(0, -2)}<not json`, headers)
      default:
        break
    }
    this.#send(status, type, body, headers)
  }

  #send(status: number, type: string, body: string, headers: Record<string, string>): void {
    this.head(status, {
      ...headers,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
    })
    if (this.open) this.response.end(body)
  }
}

function frameworkPage(text: string): string {
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<title>Error</title>',
    '</head>',
    '<body>',
    `<pre>${escapeHtml(text)}</pre>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** Escapes text for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
