import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { ErrorCode } from '../../errors.ts'
import {
  type AuthRequirement,
  type Endpoint,
  type EndpointInput,
  endpoint,
} from '../../platform/http/endpoint.ts'

/** The form in which the plug-in answers; its clients read `data`. */
export function enveloped<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.boolean(), message: z.string().optional(), data })
}

export const pluginErrors = [
  'plugin_not_configured',
  'plugin_pending',
  'upstream_error',
  'upstream_timeout',
] as const

/** What the description says about the form of these answers. */
export const FORM =
  "Keeps the AI service's form, `{ success, data }`; numbers are numbers and times are UTC."

/** What is particular about one view. */
interface View<Params extends z.ZodType, Query extends z.ZodType, Data extends z.ZodType> {
  path: string
  operationId: string
  summary: string
  /** What stands before the words about the form. */
  description?: string
  /** Where it is not that of its list. */
  auth?: AuthRequirement
  params?: Params
  query?: Query
  /** What the answer is, in words. */
  answer: string
  data: Data
  /** What can go wrong beside what can with every view. */
  errors?: readonly ErrorCode[]
}

/**
 * Makes the `GET` routes of one list: each answers with what its verb reads, in the plug-in's form.
 *
 * @param tag of all of them in the description
 * @param auth of all that name none of their own
 */
export function viewsOf(tag: string, auth: AuthRequirement) {
  return <
    Params extends z.ZodType = z.ZodUnknown,
    Query extends z.ZodType = z.ZodUnknown,
    Data extends z.ZodType = z.ZodUnknown,
  >(
    view: View<Params, Query, Data>,
    read: (
      ctx: Ctx,
      input: EndpointInput<z.output<Params>, z.output<Query>, unknown>,
    ) => Promise<z.input<Data>>,
  ): Endpoint => {
    const { answer, data, description, errors = [], ...rest } = view
    return endpoint(
      {
        method: 'get',
        tag,
        auth,
        ...rest,
        description: description ? `${description} ${FORM}` : FORM,
        answer: { status: 200, description: answer, schema: enveloped(data) },
        errors: [...pluginErrors, ...errors],
      },
      async (c, input) =>
        ({ success: true, data: await read(c.get('ctx'), input) }) as z.input<
          ReturnType<typeof enveloped<Data>>
        >,
    )
  }
}
