import pg from 'pg'

/** A database of the tests' own on a PostgreSQL server. */
export interface OwnDatabase {
  url: string
  drop(): Promise<void>
}

let count = 0

/** @param given a database on the server, from which the new one is created */
export async function createDatabase(given: string): Promise<OwnDatabase> {
  const name = `shared_accounts_test_${process.pid}_${Date.now()}_${count++}`
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: given })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await run(`create database ${name}`)
  const url = new URL(given)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) }
}
