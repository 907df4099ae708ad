import { eq } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { oauthClients } from '../../db/schema/index.ts'

export type OAuthClientRow = typeof oauthClients.$inferSelect

export async function findClientRow(
  db: Database,
  clientId: string,
): Promise<OAuthClientRow | null> {
  const [row] = await db
    .select()
    .from(oauthClients)
    .where(eq(oauthClients.clientId, clientId))
    .limit(1)
  return row ?? null
}
