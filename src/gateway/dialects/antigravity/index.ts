import type { Dialect } from '../dialect.ts'
import { borrowedModels } from './borrowed-models.ts'
import { translateCompletion } from './completion.ts'
import { refuseUnreadable, unheededIn } from './readable.ts'
import { explainRefusal } from './refusal.ts'
import { explicitBody } from './request-body.ts'
import { AntigravityStream } from './stream.ts'
import { pluginTarget } from './target.ts'

/**
 * The account-keeping plug-in. It streams unless told not to, leaves out the role delta and the
 * index of tool calls, puts the usage into the finish chunk, numbers answers by the millisecond,
 * and tells failures as content. Every event has to be seen before it leaves.
 */
export const antigravity: Dialect = {
  target: pluginTarget,
  check: refuseUnreadable,
  unheeded: unheededIn,
  body: (_ctx, request) => explicitBody(request),
  explain: explainRefusal,
  borrowedModels,
  completion: translateCompletion,
  stream: (_ctx, options) => new AntigravityStream(options),
  passesUntouched: () => false,
}
