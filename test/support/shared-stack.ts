import { inject } from 'vitest'

/** The stack that is this test file's alone while it runs; other files have used it before. */
export const stack = stackOfThisWorker()

function stackOfThisWorker() {
  // Workers are numbered from 1; no two of those that run at the same time have the same number.
  const worker = Number(process.env.VITEST_POOL_ID)
  const own = inject('stacks')[worker - 1]
  if (!own) throw new Error(`There is no stack for worker ${worker}.`)
  return own
}
