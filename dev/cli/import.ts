import { parseArgs } from 'node:util'
import { decodeKeys } from '../../src/config/keys.ts'
import { findTarget, UsageError } from './target.ts'

const USAGE = `Usage:
  npm run import -- --from postgres://USER:PASSWORD@HOST/DATABASE [--dry-run]

Takes people, identities, API keys, plug-in keys and usage rows from the original's database, which is
only read. --dry-run says what would be taken, and writes nothing. It may be stopped and run again at any
time: what is here already is not taken twice.

  --from-endpoint URL    the source speaks Neon's HTTP protocol at this /sql endpoint
  --schema NAME          where its tables are (default: public)
  --pocketid-issuer URL  whose people "pocketid:…" are
  --batch NUMBER         people in one transaction (default: 200)

The deployment is the one that DATABASE_URL names, or the running local stack. From the environment come
PLUGIN_API_ENCRYPTION_KEY, the deployment's own, and OLD_ENCRYPTION_KEY, the original's Fernet key (where
it is not the same).`

const USAGE_BATCH = 1_000

/** `npm run import`: moves people from the original in. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      'from-endpoint': { type: 'string' },
      schema: { type: 'string' },
      'pocketid-issuer': { type: 'string' },
      batch: { type: 'string', default: '200' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return console.log(USAGE)
  if (!values.from) throw new UsageError(USAGE)
  const size = Number(values.batch)
  if (!Number.isInteger(size) || size < 1 || size > 1_000)
    throw new UsageError('--batch takes a number from 1 to 1000')
  const ours = process.env.PLUGIN_API_ENCRYPTION_KEY
  const rawKeys = ours ? decodeKeys(ours) : undefined
  if (!ours || !rawKeys)
    throw new UsageError('Set PLUGIN_API_ENCRYPTION_KEY to the key that the deployment has')
  const target = await findTarget(process.env)
  const isDryRun = values['dry-run']

  const { createSecretBox } = await import('../../src/platform/crypto/secret-box.ts')
  const { createFernetReader, FernetError } = await import('../import/fernet.ts')
  const { openSource } = await import('../import/source.ts')
  const { Destination } = await import('../import/destination.ts')
  const { Report } = await import('../import/report.ts')
  const { plan } = await import('../import/plan.ts')
  const { writePeople, writeUsage } = await import('../import/write.ts')

  const fernet = (() => {
    try {
      return createFernetReader((process.env.OLD_ENCRYPTION_KEY || ours).split(','))
    } catch (error) {
      if (error instanceof FernetError) throw new UsageError(`OLD_ENCRYPTION_KEY: ${error.message}`)
      throw error
    }
  })()
  const source = await openSource(values.from, {
    endpoint: values['from-endpoint'],
    schema: values.schema,
  })
  try {
    const destination = new Destination(target, source.name)
    const report = new Report()
    const secretBox = createSecretBox(rawKeys)
    const pocketIdIssuer = values['pocketid-issuer']
    const tools = { destination, report, secretBox, fernet, pocketIdIssuer, isDryRun }
    if (!isDryRun) {
      const highest = await source.highestIds()
      await destination.prepare()
      await destination.reserve('users', highest.user)
      await destination.reserve('api_keys', highest.key)
    }
    let seen = 0
    for (let after = 0; ; ) {
      const batch = await source.people(after, size)
      const last = batch.at(-1)
      if (!last) break
      const planned = await plan(batch, tools)
      if (!isDryRun) await writePeople(destination, planned)
      after = last.id
      seen += batch.length
      console.error(`People: ${seen}`)
    }
    for (let after = await destination.usageMark(); ; ) {
      const batch = await source.usage(after, USAGE_BATCH)
      const last = batch.at(-1)
      if (!last) break
      const written = isDryRun ? batch.length : await writeUsage(destination, batch)
      report.take('usage_rows', written)
      after = last.id
    }
    for (const line of report.lines(isDryRun)) console.log(line)
    console.log(isDryRun ? 'Nothing was written.' : `All is in ${target.source}.`)
  } finally {
    await source.close()
  }
}

main().catch((error: unknown) => {
  // Messages of the database driver can carry values.
  console.error(
    error instanceof UsageError
      ? error.message
      : `import: it stopped (${error instanceof Error ? error.name : 'error'}); run it again to go on`,
  )
  process.exitCode = 1
})
