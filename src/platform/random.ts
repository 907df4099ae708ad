/** Where chance comes from, so that tests can fix it. */
export interface Random {
  /** Cryptographically strong random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>
  /** A version 4 UUID (RFC 9562). */
  uuid(): string
}

export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
}
