import { type Ctx, requirePerson } from '../context.ts'
import { AppError } from '../errors.ts'
import { type ModelFacts, modelFacts } from '../metering/catalog/index.ts'

/**
 * What is known of a model that the caller may ask for.
 *
 * @throws {AppError} `model_not_found` where it is switched off, or their key does not reach it
 */
export async function askableModel(ctx: Ctx, model: string): Promise<ModelFacts> {
  const person = requirePerson(ctx)
  const allowed = person.type === 'api_key' ? person.limits.models : null
  const facts = await modelFacts(ctx, model)
  if (facts.isEnabled && (!allowed || allowed.includes(model))) return facts
  throw new AppError(
    'model_not_found',
    `The model '${model}' does not exist or you do not have access to it.`,
    { param: 'model' },
  )
}
