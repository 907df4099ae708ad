import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runPart } from '../../dev/stack/part.ts'
import type { Job } from './job.ts'
import { runJob } from './run-job.ts'

/** The load generator's process: takes a job by `POST`, answers with what came of it. */
runPart(async () => {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request.setEncoding('utf8')) text += piece
    response.end(JSON.stringify(await runJob(JSON.parse(text) as Job)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
})
