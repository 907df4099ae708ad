import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const MEBIBYTE = 1024 * 1024

/** Ways in which the other side of a connection can be hostile, each at a path of its own. */
const MODES: Record<string, (response: ServerResponse, secret: string) => void> = {
  hang: () => undefined,
  trickle: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 100)
    response.on('close', () => clearInterval(timer))
  },
  huge: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"access_token":"')
    let sent = 0
    const more = () => {
      while (sent < 50 * MEBIBYTE) {
        sent += MEBIBYTE
        if (!response.write('a'.repeat(MEBIBYTE))) return void response.once('drain', more)
      }
      response.end('"}')
    }
    more()
  },
  declared: (response) => {
    response.writeHead(200, { 'content-length': String(50 * MEBIBYTE) })
    response.write('{')
  },
  html: (response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<h1>Sign in to the hotel network</h1>')
  },
  redirect: (response) => {
    response.writeHead(307, { location: '/followed' })
    response.end()
  },
  broken: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"access')
    setTimeout(() => response.destroy(), 20)
  },
  array: (response) => void response.end('[]'),
  empty: (response) => void response.end('{"access_token":"","token_type":"bearer"}'),
  error500: (response, secret) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: 'server_error', error_description: secret }))
  },
}

export const HOSTILE_MODES = Object.keys(MODES)

/** A server that treats its clients badly. */
export async function startHostileServer(secret: string) {
  const paths: string[] = []
  const server = createServer((request, response) => {
    const mode = request.url?.slice(1) ?? ''
    paths.push(mode)
    const treat = MODES[mode]
    if (treat) treat(response, secret)
    else response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What has been asked for. */
    paths,
    stop: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
