import type { Role } from '../../src/db/schema/users.ts'
import { redis } from './redis.ts'
import { call, newPerson, sql, stack, type TestPerson } from './stack.ts'

/**
 * Changes a person's row past the Worker, without leaving the gate an older copy. What the Worker
 * itself leaves before a change is left here: a copy that a request is still putting into Redis
 * would come back after a mere deletion.
 */
export async function changePerson(id: number, change: () => Promise<unknown>): Promise<void> {
  await redis('SET', `person:${id}`, '-', 'EX', 10)
  await change()
}

/** Somebody of another role than `user`, made as the command line makes the first administrator. */
export async function newPersonOf(role: Role, baseUrl = stack.baseUrl): Promise<TestPerson> {
  const person = await newPerson(baseUrl)
  await changePerson(person.id, () => sql`update users set role = ${role} where id = ${person.id}`)
  return person
}

export const newAdmin = (baseUrl?: string) => newPersonOf('admin', baseUrl)

/** Calls as an administrator. */
export function asAdmin(admin: TestPerson, baseUrl = stack.baseUrl) {
  return <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
    call<Body>(path, { method, token: admin.token, baseUrl, ...(json !== undefined && { json }) })
}
