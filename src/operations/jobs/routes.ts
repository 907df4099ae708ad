import * as z from 'zod'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { listJobs, runByHand } from './by-hand.ts'
import { JobRun, JobView } from './schemas.ts'

const common = administration('jobs:manage')

export const jobEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      method: 'get',
      path: '/admin/jobs',
      operationId: 'listJobs',
      summary: 'What is done from time to time',
      description: 'Reports are kept for 30 days.',
      answer: { status: 200, description: 'The jobs.', schema: z.array(JobView) },
    },
    async (c) => listJobs(c.get('ctx')),
  ),
  endpoint(
    {
      ...common,
      method: 'post',
      path: '/admin/jobs/:name/run',
      operationId: 'runJob',
      summary: 'Run a job now',
      description:
        'Waits for its end. A job that asks Redis whether there is anything to do, asks.',
      params: z.object({ name: z.string().max(100) }),
      answer: { status: 200, description: 'What it did, or how it failed.', schema: JobRun },
      errors: ['not_found', 'conflict'],
    },
    async (c, { params }) => runByHand(c.get('ctx'), params.name),
  ),
]
