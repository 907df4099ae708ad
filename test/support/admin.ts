import type { Role } from '../../src/db/schema/users.ts'
import { call, newPerson, sql, stack, type TestPerson } from './stack.ts'

/** Somebody of another role than `user`, made as the command line makes the first administrator. */
export async function newPersonOf(role: Role, baseUrl = stack.baseUrl): Promise<TestPerson> {
  const person = await newPerson(baseUrl)
  await sql`update users set role = ${role} where id = ${person.id}`
  return person
}

export const newAdmin = (baseUrl?: string) => newPersonOf('admin', baseUrl)

/** Calls as an administrator. */
export function asAdmin(admin: TestPerson) {
  return <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
    call<Body>(path, { method, token: admin.token, ...(json !== undefined && { json }) })
}
