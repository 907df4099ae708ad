import type { Config } from '../../config.ts'
import type { JwtAlgorithm } from '../../db/schema/signing-keys.ts'
import type { SecretBox } from '../../platform/crypto/secret-box.ts'
import type { Random } from '../../platform/random.ts'
import { KID_RANDOM_BYTES, makeKid, ringIdOf } from './kid.ts'
import { generateMaterial } from './material.ts'
import type { NewSigningKey } from './queries.ts'

/** To whom the sealed parts of a key are bound. */
export const signingKeyOwner = (kid: string) => `signing-key:${kid}`

/** Makes a key, its secret parts sealed. */
export async function newKey(
  services: { config: Config; secretBox: SecretBox; random: Random },
  nowMs: number,
  algorithm: JwtAlgorithm,
): Promise<NewSigningKey> {
  const { config, secretBox, random } = services
  const id = makeKid(config.JWT_SECRET_KEY, random.bytes(KID_RANDOM_BYTES))
  const { material, publicJwk } = await generateMaterial(algorithm, random)
  return {
    id,
    ringId: ringIdOf(config.JWT_SECRET_KEY),
    algorithm,
    secretCiphertext: await secretBox.seal(JSON.stringify(material), signingKeyOwner(id)),
    publicJwk,
    createdAt: new Date(nowMs),
  }
}
