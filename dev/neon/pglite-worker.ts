import { parentPort, workerData } from 'node:worker_threads'
import { type PGlite, protocol } from '@electric-sql/pglite'
import type { EngineOptions, EngineReply, EngineRequest } from './pglite-engine.ts'
import { openPglite, quoteName, SUPERUSER } from './pglite-storage.ts'
import type { StatementResult } from './types.ts'

/** The thread in which PGlite runs; `pglite-engine.ts` is its other end. */

type Message = Awaited<ReturnType<PGlite['execProtocol']>>['messages'][number]

/** An error that PostgreSQL reported, ready to be sent to the other thread. */
class Refused extends Error {
  readonly fields: Record<string, unknown>

  constructor(message: Message) {
    super()
    // The object is an Error, whose message a plain copy would leave out.
    this.fields = { ...message, message: (message as unknown as Error).message }
  }
}

async function execute(
  db: PGlite,
  text: string,
  values: (string | null)[] = [],
): Promise<StatementResult> {
  const { serialize } = protocol
  const request = Buffer.concat([
    serialize.parse({ text }),
    serialize.bind({ values }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
    serialize.sync(),
  ])
  const { messages } = await db.execProtocol(request, { throwOnError: false })
  return resultOf(messages)
}

/**
 * Puts the messages of one statement together.
 *
 * @throws Refused if one of them is an error; Error if the engine is no longer sound: after an
 *   overflow of its stack it answers, but not what a PostgreSQL can answer
 */
function resultOf(messages: Message[]): StatementResult {
  const result: StatementResult = { fields: [], rows: [], command: '', rowCount: null }
  let ended = false
  for (const message of messages) {
    if (message.name === 'error') {
      const { severity } = message as unknown as { severity: string }
      if (severity !== 'ERROR') throw new Error((message as unknown as Error).message)
      throw new Refused(message)
    }
    if (message.name === 'rowDescription') {
      const { fields } = message as unknown as { fields: StatementResult['fields'] }
      result.fields = fields.map((field) => ({
        name: field.name,
        dataTypeID: field.dataTypeID,
        tableID: field.tableID,
        columnID: field.columnID,
        dataTypeSize: field.dataTypeSize,
        dataTypeModifier: field.dataTypeModifier,
      }))
    } else if (message.name === 'dataRow') {
      result.rows.push((message as unknown as { fields: (string | null)[] }).fields)
    } else if (message.name === 'commandComplete') {
      const [command = '', ...counts] = (message as unknown as { text: string }).text.split(' ')
      result.command = command
      // INSERT has an object id, always 0, before the count.
      const count = Number.parseInt(counts.at(-1) ?? '', 10)
      result.rowCount = Number.isNaN(count) ? null : count
      ended = true
    } else if (message.name === 'emptyQuery') {
      ended = true
    }
  }
  const bound = messages.some((message) => message.name === 'bindComplete')
  if (!ended || !bound || messages.at(-1)?.name !== 'readyForQuery') {
    throw new Error('it gave an incomplete answer')
  }
  return result
}

async function reset(db: PGlite, user: string): Promise<void> {
  // DISCARD ALL would be refused inside a transaction that somebody left open.
  await execute(db, 'ROLLBACK')
  await execute(db, 'DISCARD ALL')
  await execute(db, `SET SESSION AUTHORIZATION ${quoteName(user)}`)
}

async function checkpoint(db: PGlite, user: string): Promise<void> {
  await execute(db, `SET SESSION AUTHORIZATION ${SUPERUSER}`)
  await execute(db, 'CHECKPOINT')
  await reset(db, user)
}

async function serve(options: EngineOptions): Promise<void> {
  const port = parentPort!
  const send = (reply: EngineReply) => port.postMessage(reply)
  const { user } = options.credentials
  try {
    const db = await openPglite(options.credentials, options.dataDir)
    await reset(db, user)
    port.on('message', async (request: EngineRequest) => {
      try {
        if (request.type === 'execute') {
          return send({ type: 'result', result: await execute(db, request.text, request.params) })
        }
        if (request.type === 'reset') await reset(db, user)
        else if (request.type === 'checkpoint') await checkpoint(db, user)
        else await db.close()
        send({ type: 'done' })
      } catch (error) {
        send(replyTo(error))
      }
    })
    send({ type: 'done' })
  } catch (error) {
    send(replyTo(error))
  }
}

function replyTo(error: unknown): EngineReply {
  if (error instanceof Refused) return { type: 'refused', error: error.fields }
  return { type: 'broken', message: error instanceof Error ? error.message : String(error) }
}

await serve(workerData as EngineOptions)
