import { type Ctx, requirePerson } from '../context.ts'
import { AppError } from '../errors.ts'
import { type ModelFacts, modelFacts } from '../metering/catalog/index.ts'

/**
 * What is known of a model that the caller may ask for.
 *
 * @param asked the name by which the caller knows it; a key's list may hold either
 * @throws {AppError} `model_not_found` where it is switched off, or their key does not reach it
 */
export async function askableModel(ctx: Ctx, model: string, asked = model): Promise<ModelFacts> {
  const person = requirePerson(ctx)
  const allowed = person.type === 'api_key' ? person.limits.models : null
  const facts = await modelFacts(ctx, model)
  if (facts.isEnabled && (!allowed || allowed.includes(model) || allowed.includes(asked)))
    return facts
  throw new AppError(
    'model_not_found',
    `The model '${asked}' does not exist or you do not have access to it.`,
    { param: 'model' },
  )
}
