import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

const PROMPTS = new Set(['none', 'login', 'consent', 'select_account'])

/** OpenID Connect Core §3.1.2.1: `none` stands alone. */
export function checkPrompt({ params }: Asked) {
  const prompt = params.get('prompt')?.split(' ') ?? []
  if (!prompt.every((one) => PROMPTS.has(one)))
    throw new AppError('invalid_request', '"prompt" has a value that is not supported.')
  if (prompt.includes('none') && prompt.length > 1)
    throw new AppError('invalid_request', '"prompt" cannot be "none" and something else.')
  return { prompt }
}
