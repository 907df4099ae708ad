/** Server-sent events: SUBSCRIBE, PSUBSCRIBE and MONITOR. */

import type { ServerResponse } from 'node:http'
import type { Backend } from './backend.ts'
import { utf8 } from './wire.ts'

/** Sends what is published to the channels or patterns until the client goes away. */
export async function streamMessages(
  backend: Backend,
  kind: 'subscribe' | 'psubscribe',
  names: string[],
  response: ServerResponse,
): Promise<void> {
  const stops: (() => void)[] = []
  response.on('close', () => {
    for (const stop of stops) stop()
  })
  for (const name of names) {
    const pattern = kind === 'psubscribe'
    const stop = await backend.subscribe(name, pattern, ({ channel, message }) =>
      send(
        response,
        pattern ? ['pmessage', name, channel, message] : ['message', channel, message],
      ),
    )
    if (response.closed) stop()
    else stops.push(stop)
  }
  open(response)
  for (const [i, name] of names.entries()) send(response, [kind, name, String(i + 1)])
}

/** Sends every command until the client goes away. */
export function streamCommands(
  listeners: Set<(command: string[]) => void>,
  response: ServerResponse,
): void {
  open(response)
  response.write('data: "OK"\n\n')
  const listener = (command: string[]) => {
    const words = command.map((word) => JSON.stringify(utf8(word))).join(' ')
    response.write(`data: ${(Date.now() / 1000).toFixed(6)} [0 127.0.0.1:0] ${words}\n\n`)
  }
  listeners.add(listener)
  response.on('close', () => listeners.delete(listener))
}

function open(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
  })
  response.flushHeaders()
}

/** A line break inside would end the event, so each line gets its own `data:`. */
function send(response: ServerResponse, parts: string[]): void {
  const lines = utf8(parts.join(',')).split(/\r\n|\r|\n/)
  response.write(`${lines.map((line) => `data: ${line}\n`).join('')}\n`)
}
