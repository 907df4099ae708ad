import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { findTarget, UsageError } from './target.ts'

const USAGE = `Usage:
  npm run user -- create --role admin --username NAME [--email ADDRESS] [--password PASSWORD]
  npm run user -- reset-password --username NAME | --email ADDRESS [--password PASSWORD]
  npm run user -- restore --username NAME | --email ADDRESS

Roles: admin, model_manager, user, guest. Without --password one is made up and shown; "--password -"
reads it from standard input. "restore" ends a ban, and switches somebody on again. The deployment
is the one that DATABASE_URL names (with UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN for
reset-password and restore), or the running local stack.`

const COMMANDS = ['create', 'reset-password', 'restore']

/** `npm run user`: makes people and helps them back in, from the command line. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      username: { type: 'string' },
      email: { type: 'string' },
      password: { type: 'string' },
      role: { type: 'string', default: 'user' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command] = positionals
  if (values.help) return console.log(USAGE)
  if (!command || !COMMANDS.includes(command)) throw new UsageError(USAGE)
  if (!values.username && !values.email) throw new UsageError('Give --username or --email')

  const target = await findTarget(process.env)
  const { createUser, resetPassword, restoreUser } = await import('./people.ts')
  if (command === 'restore') {
    const user = await restoreUser(target, values)
    return console.log(`${user.username} (id ${user.id}) may sign in again.`)
  }
  const { password, isMadeUp } = await choosePassword(values.password)
  const person = { username: values.username, email: values.email, password }
  if (command === 'create') {
    const user = await createUser(target, { ...person, role: values.role })
    console.log(`Made ${user.username} (id ${user.id}, role ${user.role}) in ${target.source}.`)
  } else {
    const user = await resetPassword(target, person)
    console.log(`${user.username} (id ${user.id}) has a new password; all sessions have ended.`)
  }
  if (isMadeUp) console.log(`Password: ${password}`)
}

async function choosePassword(given: string | undefined) {
  if (given === '-') return { password: await readInput(), isMadeUp: false }
  if (given !== undefined) return { password: given, isMadeUp: false }
  return { password: randomBytes(15).toString('base64url'), isMadeUp: true }
}

async function readInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) text += chunk
  return text.replace(/\r?\n$/, '')
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : `user: ${String(error)}`)
  process.exitCode = 1
})
