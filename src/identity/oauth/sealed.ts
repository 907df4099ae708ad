import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { SecretBoxError } from '../../platform/crypto/secret-box.ts'

type SealCtx = Pick<Ctx, 'services'>

/**
 * What travels through the browser, and comes back: encrypted, and for one purpose only. In its own spelling, so
 * that it is not taken for a secret of the database's.
 *
 * @param purpose for which alone it can be opened again
 */
export async function seal(ctx: SealCtx, value: unknown, purpose: string): Promise<string> {
  const sealed = await ctx.services.secretBox.seal(JSON.stringify(value), purpose)
  return sealed.replace(/^v1\./, '').replaceAll('.', '~')
}

/** @returns null for what we have not sealed for this purpose */
export async function unseal<Value>(
  ctx: SealCtx,
  text: string,
  purpose: string,
  schema: z.ZodType<Value>,
): Promise<Value | null> {
  if (!/^[\w~-]+$/.test(text)) return null
  try {
    const opened = await ctx.services.secretBox.open(`v1.${text.replaceAll('~', '.')}`, purpose)
    return schema.parse(JSON.parse(opened))
  } catch (error) {
    if (error instanceof SecretBoxError) return null
    throw error
  }
}
