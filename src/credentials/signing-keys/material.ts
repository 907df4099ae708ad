import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import * as z from 'zod'
import type { Config } from '../../config.ts'
import type { JwtAlgorithm } from '../../db/schema/signing-keys.ts'
import { fromBase64Url, toBase64Url } from '../../platform/crypto/encoding.ts'
import type { Random } from '../../platform/random.ts'
import type { KeyPart } from '../../ports/key-ring.ts'

const SECRET_BYTES = 32

/**
 * What is sealed of a key: a random secret and, for the asymmetric algorithms, the private JWK. No
 * HMAC key lies in the database: each is derived from the secret and the configured secret, so that
 * either of them alone signs nothing, and access and refresh tokens never share a key.
 */
const Material = z.object({
  secret: z.string(),
  privateJwk: z.record(z.string(), z.unknown()).optional(),
})
export type Material = z.output<typeof Material>

export function readMaterial(text: string): Material {
  return Material.parse(JSON.parse(text))
}

/** Makes new key material. */
export async function generateMaterial(
  algorithm: JwtAlgorithm,
  random: Random,
): Promise<{ material: Material; publicJwk: Record<string, string> | null }> {
  const secret = toBase64Url(random.bytes(SECRET_BYTES))
  if (algorithm === 'HS256') return { material: { secret }, publicJwk: null }
  const pair = await generateKeyPair(algorithm, { extractable: true })
  const privateJwk = (await exportJWK(pair.privateKey)) as Record<string, unknown>
  const publicJwk = (await exportJWK(pair.publicKey)) as Record<string, string>
  return { material: { secret, privateJwk }, publicJwk }
}

/** The key of access tokens. */
export async function accessPart(
  config: Config,
  algorithm: JwtAlgorithm,
  material: Material,
  publicJwk: JWK | null,
): Promise<KeyPart> {
  if (algorithm === 'HS256') return hmacPart(config.JWT_SECRET_KEY, material, 'access')
  const [sign, verify] = await Promise.all([
    importJWK(material.privateJwk as JWK, algorithm),
    importJWK(publicJwk as JWK, algorithm),
  ])
  return { sign: sign as CryptoKey, verify: verify as CryptoKey }
}

/** The key of refresh tokens: always HS256, since nobody but us ever reads them. */
export function refreshPart(config: Config, material: Material): Promise<KeyPart> {
  return hmacPart(config.REFRESH_TOKEN_SECRET_KEY ?? config.JWT_SECRET_KEY, material, 'refresh')
}

async function hmacPart(configured: string, material: Material, use: string): Promise<KeyPart> {
  const raw = hkdf(
    sha256,
    fromBase64Url(material.secret),
    utf8ToBytes(configured),
    utf8ToBytes(`shared-accounts ${use} token`),
    SECRET_BYTES,
  ) as Uint8Array<ArrayBuffer>
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ])
  return { sign: key, verify: key }
}
