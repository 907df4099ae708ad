import { arm, MODEL } from '../../support/chat.ts'
import {
  bringAccount,
  newChatter,
  newKey,
  newPerson,
  stack,
  standIn,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'

export type Chatter = TestPerson & { key: string }

export interface Row {
  /** What goes wrong behind the gateway. */
  situation: string
  /** Brings it about; returns what the prompt has to contain, or another person to ask as. */
  arrange: () => Promise<{ marker?: string; as?: Chatter }>
  status: number
  code: string
  /** Where the stream has begun before it fails. */
  breaksMidway?: boolean
  retryAfter?: boolean
}

const armed = (failure: string, options?: Record<string, unknown>) => async () => ({
  marker: await arm(failure, options),
})

/** Each such person is brought about once. */
const as = (make: () => Promise<Chatter>) => {
  let made: Promise<Chatter> | undefined
  return async () => {
    made ??= make()
    return { as: await made }
  }
}

/** Everything that the plug-in does wrong, or that happens to it, and what a client has to see. */
export const ROWS: Row[] = [
  {
    situation: 'nobody has an account for the person',
    arrange: as(personWithoutAccount),
    status: 403,
    code: 'no_account',
  },
  {
    situation: 'the own account has nothing left for the model',
    arrange: as(personWithSpentAccount),
    status: 429,
    code: 'insufficient_quota',
    retryAfter: true,
  },
  {
    situation: 'the pool is empty for the model',
    arrange: as(personWithEmptyPool),
    status: 429,
    code: 'insufficient_quota',
    retryAfter: true,
  },
  {
    situation: 'the request cannot be built',
    arrange: armed('build_failed'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the upstream is out of quota',
    arrange: armed('resource_exhausted'),
    status: 429,
    code: 'insufficient_quota',
  },
  {
    situation: 'upstream 400',
    arrange: armed('upstream_400'),
    status: 400,
    code: 'invalid_request',
  },
  {
    situation: 'upstream 403',
    arrange: armed('upstream_403_permission'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 403 everywhere',
    arrange: async () => ({ marker: await arm('upstream_403'), as: await newChatter() }),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 401',
    arrange: armed('upstream_401'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 500',
    arrange: armed('upstream_500'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 502 with HTML',
    arrange: armed('upstream_502'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'upstream 503',
    arrange: armed('upstream_503'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the content is refused',
    arrange: armed('illegal_prompt'),
    status: 400,
    code: 'content_policy_violation',
  },
  {
    situation: 'the connection is lost midway',
    arrange: armed('terminated_midway'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'an image is too large',
    arrange: armed('image_too_large'),
    status: 400,
    code: 'invalid_request',
  },
  {
    situation: 'our own key is refused',
    arrange: armed('invalid_key_401'),
    status: 502,
    code: 'upstream_error',
  },
  { situation: 'an HTML page', arrange: armed('html_error'), status: 502, code: 'upstream_error' },
  {
    situation: 'an HTML page as 404',
    arrange: armed('html_error', { status: 404 }),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the connection is refused',
    arrange: armed('refuse'),
    status: 502,
    code: 'upstream_error',
  },
  {
    situation: 'the connection is reset midway',
    arrange: armed('reset_midway'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'the answer ends early',
    arrange: armed('clean_early_end'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
  {
    situation: 'the answer is garbage',
    arrange: armed('garbage'),
    status: 502,
    code: 'upstream_error',
    breaksMidway: true,
  },
]

async function personWithoutAccount(): Promise<Chatter> {
  const somebody = await newPerson()
  await provisioned(somebody)
  return { ...somebody, key: await newKey(somebody) }
}

async function provisioned(somebody: TestPerson): Promise<void> {
  await waitFor(async () => {
    const response = await fetch(`${stack.baseUrl}/api/plugin-api/key`, {
      headers: { authorization: `Bearer ${somebody.token}` },
    })
    return ((await response.json()) as { state: string }).state === 'ready'
  })
}

async function personWithSpentAccount(): Promise<Chatter> {
  const somebody = await newPerson()
  const cookie = await bringAccount(somebody)
  await standIn('account', { cookie_id: cookie, live: { [MODEL]: 0 }, stored: { [MODEL]: 0 } })
  return { ...somebody, key: await newKey(somebody) }
}

async function personWithEmptyPool(): Promise<Chatter> {
  const somebody = await newPerson()
  // Lending an account that has nothing left credits nothing.
  await bringAccount(somebody, 1, 0)
  return { ...somebody, key: await newKey(somebody) }
}
