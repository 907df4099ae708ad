import type { Contender } from './contenders/contender.ts'
import type { Job } from './load/job.ts'
import type { Plan } from './plan.ts'
import { PACED_MARK } from './upstream/answers.ts'

const PATH = '/v1/chat/completions'
const MODEL = 'gemini-2.5-flash'
/** About as much as a short conversation. */
const QUESTION = 'What does a gateway cost, and how would one find out? '.repeat(16)
const GIVE_UP_MS = 20_000

function chatBody(stream: boolean, mark: string): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You answer in measured words.' },
      { role: 'user', content: `${QUESTION}${mark}` },
    ],
    temperature: 0.7,
    stream,
  })
}

function chatJob(contender: Contender, stream: boolean, load: Job['load'], mark = ''): Job {
  return {
    url: contender.url,
    path: PATH,
    headers: contender.headers,
    body: chatBody(stream, mark),
    endsWith: stream ? 'data: [DONE]' : '}',
    load,
    deadlineMs: ('durationMs' in load ? (load.durationMs ?? 0) : 0) + GIVE_UP_MS,
  }
}

/** As many whole answers as so many clients get in a while. */
export function wholeJob(contender: Contender, { clients, durationMs }: Plan['whole']): Job {
  return chatJob(contender, false, { type: 'closed', clients, durationMs })
}

/** A fixed number of whole answers. */
export function requestsJob(contender: Contender, clients: number, requests: number): Job {
  return chatJob(contender, false, { type: 'closed', clients, requests })
}

/** Streams whose events come one by one, as a model produces them. */
export function pacedJob(contender: Contender, plan: Plan['paced']): Job {
  const { clients, streamsPerClient, staggerMs } = plan
  const load = {
    type: 'closed',
    clients,
    requests: clients * streamsPerClient,
    staggerMs,
  } as const
  return chatJob(contender, true, load, PACED_MARK)
}

/** Streams whose events come all at once. */
export function burstJob(contender: Contender, clients: number, streams: number): Job {
  return chatJob(contender, true, { type: 'closed', clients, requests: streams })
}

/** Whole answers at a fixed rate, far from saturation. */
export function fixedRateJob(contender: Contender, plan: Plan['fixedRate']): Job {
  return chatJob(contender, false, { type: 'open', ...plan })
}

/** One protocol's way to ask for the same stream. */
export interface FaceCall {
  face: 'chat' | 'messages' | 'responses' | 'gemini'
  path: string
  body: object
  endsWith: string
}

const ASKED = `${QUESTION}${PACED_MARK}`
const INSTRUCTIONS = 'You answer in measured words.'

export const FACE_CALLS: readonly FaceCall[] = [
  {
    face: 'chat',
    path: PATH,
    body: JSON.parse(chatBody(true, PACED_MARK)) as object,
    endsWith: '[DONE]',
  },
  {
    face: 'messages',
    path: '/v1/messages',
    body: {
      model: MODEL,
      max_tokens: 1_000,
      system: INSTRUCTIONS,
      messages: [{ role: 'user', content: ASKED }],
      temperature: 0.7,
      stream: true,
    },
    endsWith: '"message_stop"}',
  },
  {
    face: 'responses',
    path: '/v1/responses',
    body: {
      model: MODEL,
      instructions: INSTRUCTIONS,
      input: ASKED,
      temperature: 0.7,
      stream: true,
    },
    endsWith: '}}',
  },
  {
    face: 'gemini',
    path: `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`,
    body: {
      systemInstruction: { parts: [{ text: INSTRUCTIONS }] },
      contents: [{ role: 'user', parts: [{ text: ASKED }] }],
      generationConfig: { temperature: 0.7 },
    },
    endsWith: '}',
  },
]

/** Streams through a face, events one by one as a model produces them. */
export function faceJob(
  contender: Contender,
  { path, body, endsWith }: FaceCall,
  { clients, streamsPerClient, staggerMs }: Plan['paced'],
  requests = clients * streamsPerClient,
): Job {
  return {
    url: contender.url,
    path,
    headers: contender.headers,
    body: JSON.stringify(body),
    endsWith,
    load: { type: 'closed', clients, requests, staggerMs },
    deadlineMs: GIVE_UP_MS,
  }
}
