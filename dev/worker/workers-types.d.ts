/**
 * What the Worker's source needs of the Workers types where Node.js's are in force: scripts and
 * tests import verbs and pure functions of the Worker.
 */

type NodeCryptoKey = import('node:crypto').webcrypto.CryptoKey
interface CryptoKey extends NodeCryptoKey {}

/** A TCP socket of Workers: https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/. */
interface Socket {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly opened: Promise<unknown>
  startTls(): Socket
  close(): Promise<void>
}

declare module 'cloudflare:sockets' {
  export function connect(
    address: { hostname: string; port: number },
    options: { secureTransport: 'on' | 'starttls' | 'off'; allowHalfOpen: boolean },
  ): Socket
}
