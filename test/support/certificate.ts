import { generate } from 'selfsigned'

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** Somebody who vouches for servers, and whom nobody trusts unless they are told to. */
export interface Authority extends Certificate {
  /** A certificate for a server of these names. */
  issue(...names: string[]): Promise<Certificate>
}

const DAY_MS = 86_400_000
const FORM = { keyType: 'ec', algorithm: 'sha256' } as const

export async function newAuthority(): Promise<Authority> {
  const own = await generate([{ name: 'commonName', value: 'Test authority' }], {
    ...FORM,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    cert: own.cert,
    key: own.private,
    async issue(...names) {
      const issued = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
        ...FORM,
        ca: { key: own.private, cert: own.cert },
        notAfterDate: new Date(Date.now() + DAY_MS),
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true },
          { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
        ],
      })
      return { cert: issued.cert, key: issued.private }
    },
  }
}
