import * as z from 'zod'

/** What the consent page asks. */
export const InteractionInput = z
  .object({
    request: z.string().min(1).max(20_000).describe('As it stands in the address of the page.'),
    decision: z.enum(['approve', 'deny']).optional().describe('Absent: only what is needed.'),
  })
  .meta({ id: 'OAuthInteractionInput' })

export const Interaction = z
  .object({
    needs: z
      .enum(['nothing', 'sign_in', 'consent'])
      .describe('What the person has to do before the browser can go on.'),
    redirect_to: z.string().optional().describe('Where the browser goes, when nothing is needed.'),
    client: z
      .object({
        id: z.string(),
        name: z.string(),
        uri: z.string().nullable(),
        source: z.enum(['admin', 'user', 'registration', 'document']),
      })
      .optional(),
    scopes: z.array(z.string()).optional(),
    goes_to: z.string().optional().describe('Whose address the answer goes to.'),
    account: z.string().nullable().optional().describe('Who is signed in.'),
  })
  .meta({ id: 'OAuthInteraction' })

/** RFC 9207, RFC 8414, OpenID Connect Discovery. */
export const Metadata = z.record(z.string(), z.unknown()).meta({ id: 'OAuthMetadata' })

export const UserInfo = z
  .looseObject({ sub: z.string() })
  .meta({ id: 'OAuthUserInfo', description: 'OpenID Connect Core §5.1.' })

export const KeySet = z
  .object({ keys: z.array(z.record(z.string(), z.string())) })
  .meta({ id: 'JwkSet', description: 'RFC 7517.' })

/** What a form holds; read by the handlers themselves. */
export const FormFields = z.record(z.string(), z.string()).meta({ id: 'FormFields' })

export const Empty = z.object({})

export const Grants = z
  .array(
    z.object({
      client_id: z.string(),
      client_name: z.string(),
      scopes: z.array(z.string()),
      created_at: z.iso.datetime(),
      updated_at: z.iso.datetime(),
    }),
  )
  .meta({ id: 'OAuthGrants' })
