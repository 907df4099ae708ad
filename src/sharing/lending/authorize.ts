import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { callAsPerson } from '../plugin/index.ts'
import { rememberState } from './oauth-state.ts'
import { AuthorizeAnswer } from './schemas.ts'

/** Begins to bring an AI account: the answer holds the address where its owner consents. */
export async function authorizeAccount(
  ctx: Ctx,
  isShared: number,
): Promise<z.output<typeof AuthorizeAnswer>> {
  const { userId } = requirePerson(ctx)
  const answer = await callAsPerson(
    ctx,
    { method: 'POST', path: '/api/oauth/authorize', body: { is_shared: isShared } },
    AuthorizeAnswer,
  )
  await rememberState(ctx, answer.state, userId, answer.expires_in)
  return answer
}
