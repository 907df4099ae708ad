import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../src/errors.ts'
import { readFaceRequest } from '../../../../src/gateway/faces/chat-of.ts'
import type { ReadRequest } from '../../../../src/gateway/faces/face.ts'
import { geminiReader } from '../../../../src/gateway/faces/gemini/read-request.ts'
import { readMessagesRequest } from '../../../../src/gateway/faces/messages/read-request.ts'
import { readResponsesRequest } from '../../../../src/gateway/faces/responses/read-request.ts'
import { foresee } from '../../../../src/gateway/foresee.ts'
import { mutate, noise } from '../../../support/mutations.ts'
import { VALID_REQUESTS } from '../../../support/valid-requests.ts'
import { EVERYTHING, FACTS } from './support.ts'

const READERS: Record<keyof typeof VALID_REQUESTS, ReadRequest> = {
  messages: readMessagesRequest,
  responses: readResponsesRequest,
  gemini: geminiReader('gemini-3-pro-high', 'whole'),
}
const MUTATIONS = 10_000

describe.each(Object.keys(READERS) as (keyof typeof READERS)[])('%s', (face) => {
  it(`reads ${MUTATIONS} damaged requests, or says what is wrong, and can answer each`, () => {
    const random = noise(20_261_127)
    let read = 0
    for (let count = 0; count < MUTATIONS; count++) {
      const body = mutate(VALID_REQUESTS[face].body, random)
      try {
        const bytes = new TextEncoder().encode(body) as Uint8Array<ArrayBuffer>
        const request = readFaceRequest(bytes, READERS[face], FACTS)
        expect(foresee(request).promptTokens).toBeGreaterThanOrEqual(0)
        expect(JSON.parse(request.writer?.whole(EVERYTHING) ?? '')).toBeTruthy()
        read++
      } catch (error) {
        if (!(error instanceof AppError) || error.status >= 500)
          throw new Error(body, { cause: error })
      }
    }
    expect(read).toBeGreaterThan(MUTATIONS / 20)
    expect(read).toBeLessThan(MUTATIONS)
  })
})
