import leven from 'leven'
import type { Ctx } from '../context.ts'
import { AppError } from '../errors.ts'
import { listModels } from './models.ts'

const SUGGESTED = 3

/**
 * The same refusal with the names of models that are nearest to the one that nobody knows. What else is
 * wrong stays as it is, and so does this where the AI service does not say what it has.
 */
export async function withNearest(ctx: Ctx, error: AppError, model: string): Promise<AppError> {
  if (error.code !== 'model_not_found') return error
  const models = await listModels(ctx).catch(() => null)
  const names = nearest(
    model,
    (models?.data ?? []).map(({ id }) => id),
  )
  if (names.length === 0 || names.includes(model)) return error
  const { param, openaiCode, openaiType, headers, cause } = error
  return new AppError(
    'model_not_found',
    `${error.message} The nearest that there are: ${names.join(', ')}.`,
    {
      ...(param && { param }),
      ...(openaiCode && { openaiCode }),
      ...(openaiType && { openaiType }),
      headers,
      cause,
    },
  )
}

/** Those of the names that differ least from one, the nearest first. */
export function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const distance = (other: string) => leven(wanted, other.toLowerCase())
  return names
    .map((other) => ({ other, far: distance(other) }))
    .sort((one, two) => one.far - two.far)
    .slice(0, SUGGESTED)
    .map(({ other }) => other)
}
