import { expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { call, newChatter, sql } from '../../support/stack.ts'

it("opens a person's key at the AI service for nobody else, in the isolate's memory either", async () => {
  const [one, other] = [await newChatter(), await newChatter()]
  const chat = (token: string) => call('/api/plugin-api/accounts', { token })
  expect((await chat(one.token)).status).toBe(200)
  // As if rows had been mixed up, or somebody could write there.
  await changePerson(
    other.id,
    () => sql`update plugin_accounts set key_ciphertext = (
    select key_ciphertext from plugin_accounts where user_id = ${one.id}) where user_id = ${other.id}`,
  )
  const { status, body } = await chat(other.token)
  expect([status, body.code]).toEqual([500, 'misconfigured'])
  expect((await chat(one.token)).status).toBe(200)
})
