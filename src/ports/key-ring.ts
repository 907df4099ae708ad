import type { CryptoKey } from 'jose'
import type { JwtAlgorithm } from '../db/schema/signing-keys.ts'

export interface KeyPart {
  sign: CryptoKey
  verify: CryptoKey
}

/** A key, ready for use. */
export interface RingKey {
  kid: string
  algorithm: JwtAlgorithm
  access: KeyPart
  refresh: KeyPart
}

/** The keys of our tokens, as this isolate knows them. Times are milliseconds since the epoch. */
export interface KeyRing {
  /**
   * The key that signs now; the first one of a deployment is made here.
   *
   * @param algorithm that of our own sessions when absent
   */
  current(nowMs: number, algorithm?: JwtAlgorithm): Promise<RingKey>
  /** The key with that id while it verifies, or null. A key that is new to this isolate is looked up. */
  find(kid: string, nowMs: number): Promise<RingKey | null>
  /** Forget what is known: the ring has changed. */
  forget(): void
}
