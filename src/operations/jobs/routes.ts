import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { listJobs, runByHand } from './by-hand.ts'
import { JobRun, JobView } from './schemas.ts'

const tag = 'Administration'
const auth = { permission: 'jobs:manage' } as const

export const jobEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/admin/jobs',
      operationId: 'listJobs',
      tag,
      summary: 'What is done from time to time',
      description: 'Reports are kept for 30 days.',
      auth,
      answer: { status: 200, description: 'The jobs.', schema: z.array(JobView) },
    },
    async (c) => listJobs(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/jobs/:name/run',
      operationId: 'runJob',
      tag,
      summary: 'Run a job now',
      description:
        'Waits for its end. A job that asks Redis whether there is anything to do, asks.',
      auth,
      params: z.object({ name: z.string().max(100) }),
      answer: { status: 200, description: 'What it did, or how it failed.', schema: JobRun },
      errors: ['not_found', 'conflict'],
    },
    async (c, { params }) => runByHand(c.get('ctx'), params.name),
  ),
]
