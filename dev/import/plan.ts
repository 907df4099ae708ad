import { sha256Hex } from '../../src/platform/crypto/hash.ts'
import type { SecretBox } from '../../src/platform/crypto/secret-box.ts'
import type { Destination } from './destination.ts'
import type { createFernetReader } from './fernet.ts'
import type { Report } from './report.ts'
import type { SourceKey, SourcePerson } from './source.ts'

const { nameColumns } = await import('../../src/identity/accounts/index.ts')
const { isReadableHash } = await import('../../src/platform/crypto/password.ts')
const { pluginKeyOwner } = await import('../../src/sharing/plugin/index.ts')

const LINUX_DO = 'https://connect.linux.do'
const GITHUB = 'https://github.com'
const MAX_NAME_LENGTH = 255
const MAX_TRUST_LEVEL = 4
const PREVIEW_LENGTH = 8

export interface Tools {
  destination: Destination
  report: Report
  secretBox: SecretBox
  fernet: ReturnType<typeof createFernetReader>
  /** Issuer of the original's PocketID; its people can be told by it only. */
  pocketIdIssuer: string | undefined
  isDryRun: boolean
}

interface Identity {
  provider: string
  issuer: string
  subject: string
}

/** Rows as they are written; the names are those of the columns. */
export interface PlannedKey {
  old_id: number
  id: number
  user_id: number
  name: string | null
  key_hash: string
  key_preview: string
  is_active: boolean
  created_at: string
  last_used_at: string | null
  expires_at: string | null
}

export interface PlannedPerson {
  old_id: number
  id: number
  username: string
  username_key: string
  username_skeleton: string | null
  password_hash: string | null
  avatar_url: string | null
  trust_level: number
  is_active: boolean
  is_silenced: boolean
  created_at: string
  last_login_at: string | null
  plugin_name: string
  plugin_user_id: string | null
  key_ciphertext: string | null
  identity: Identity | null
}

export interface Plan {
  people: PlannedPerson[]
  keys: PlannedKey[]
}

/**
 * What of these people is to be written, under which ids; what is left out goes into the report. Nothing
 * is written but that ids are drawn, and not even that in a dry run.
 */
export async function plan(batch: SourcePerson[], tools: Tools): Promise<Plan> {
  const { destination, report } = tools
  const sourceKeys = batch.flatMap((person) => person.api_keys)
  const marks = await destination.marks(
    batch.map(({ id }) => id),
    sourceKeys.map(({ id }) => id),
  )
  const names = new Map(batch.map((person) => [person.id, nameColumns(person.username)]))
  const identities = new Map(batch.map((person) => [person.id, identityOf(person, tools)]))
  const used = await destination.inUse({
    ids: batch.map(({ id }) => id),
    names: [...names.values()].map(({ usernameKey }) => usernameKey),
    skeletons: [...names.values()].map(({ usernameSkeleton }) => usernameSkeleton),
    subjects: [...identities.values()].flatMap((identity) => (identity ? [nameOf(identity)] : [])),
    keyIds: sourceKeys.map(({ id }) => id),
    hashes: sourceKeys.map(({ key }) => sha256Hex(key)),
  })

  const owners = new Map(marks.users)
  report.know('users', owners.size)
  const fresh = batch.filter((person) => {
    if (owners.has(person.id)) return false
    const key = names.get(person.id)?.usernameKey ?? ''
    const reason = nameProblem(person.username) ?? (used.names.has(key) ? 'name taken' : null)
    if (reason) report.leave('users', reason, `${person.username} (id ${person.id})`)
    else used.names.add(key)
    return reason === null
  })
  for (const [id, newId] of await idsFor('users', fresh, used.ids, tools)) owners.set(id, newId)

  const people: PlannedPerson[] = []
  for (const person of fresh) {
    const columns = names.get(person.id)
    const id = owners.get(person.id)
    if (!columns || id === undefined) continue
    const identity = identities.get(person.id) ?? null
    const isFree = identity !== null && !used.subjects.has(nameOf(identity))
    if (identity && isFree) {
      used.subjects.add(nameOf(identity))
      report.take('identities')
    } else if (person.oauth_id !== null) {
      const reason = identity ? 'somebody here has it' : 'unknown provider (--pocketid-issuer?)'
      report.leave('identities', reason, person.username)
    }
    const looksTaken = used.skeletons.has(columns.usernameSkeleton)
    used.skeletons.add(columns.usernameSkeleton)
    people.push({
      old_id: person.id,
      id,
      username: columns.username,
      username_key: columns.usernameKey,
      username_skeleton: looksTaken ? null : columns.usernameSkeleton,
      password_hash: passwordOf(person, report),
      avatar_url: person.avatar_url,
      trust_level: Math.min(Math.max(person.trust_level ?? 0, 0), MAX_TRUST_LEVEL),
      is_active: person.is_active,
      is_silenced: person.is_silenced,
      created_at: person.created_at,
      last_login_at: person.last_login_at,
      plugin_name: `${person.username.slice(0, 60)}.${crypto.randomUUID()}`,
      ...(await pluginKeyOf(person, id, tools)),
      identity: isFree ? identity : null,
    })
  }
  report.take('users', people.length)
  return { people, keys: await planKeys(batch, owners, marks.keys, used, tools) }
}

async function planKeys(
  batch: SourcePerson[],
  owners: Map<number, number>,
  known: Map<number, number>,
  used: { keyIds: Set<number>; hashes: Set<string> },
  tools: Tools,
): Promise<PlannedKey[]> {
  const { report } = tools
  report.know('api_keys', known.size)
  const fresh = batch.flatMap((person) => {
    const owner = owners.get(person.id)
    if (owner === undefined) return []
    return person.api_keys.flatMap((key) => {
      if (known.has(key.id)) return []
      const hash = sha256Hex(key.key)
      const reason = keyProblem(key) ?? (used.hashes.has(hash) ? 'somebody here has it' : null)
      if (reason) {
        report.leave('api_keys', reason, `id ${key.id} of ${person.username}`)
        return []
      }
      used.hashes.add(hash)
      return [{ ...key, owner, hash }]
    })
  })
  const ids = await idsFor('api_keys', fresh, used.keyIds, tools)
  report.take('api_keys', fresh.length)
  return fresh.map((key) => ({
    old_id: key.id,
    id: ids.get(key.id) ?? key.id,
    user_id: key.owner,
    name: key.name,
    key_hash: key.hash,
    key_preview: `${key.key.slice(0, PREVIEW_LENGTH)}...`,
    is_active: key.is_active,
    created_at: key.created_at,
    last_used_at: key.last_used_at,
    expires_at: key.expires_at,
  }))
}

/** The old id where it is free, else one of ours. */
async function idsFor(
  table: 'users' | 'api_keys',
  rows: { id: number }[],
  inUse: Set<number>,
  { destination, isDryRun }: Tools,
): Promise<Map<number, number>> {
  const clashing = rows.filter(({ id }) => inUse.has(id))
  const drawn = isDryRun ? [] : await destination.newIds(table, clashing.length)
  const ids = new Map(rows.map(({ id }) => [id, id]))
  for (const [index, { id }] of clashing.entries()) ids.set(id, drawn[index] ?? id)
  return ids
}

function nameProblem(username: string): string | null {
  if (username.includes('@')) return 'a name with "@", which would be taken for an address'
  return username.trim() === '' || username.length > MAX_NAME_LENGTH ? 'no usable name' : null
}

function keyProblem({ key, config_type }: SourceKey): string | null {
  if (!key.startsWith('sk-')) return 'does not begin with sk-'
  const system = config_type ?? 'antigravity'
  return system === 'antigravity' ? null : `account system ${system} is not served`
}

function passwordOf({ password_hash: hash, username }: SourcePerson, report: Report) {
  if (hash === null || isReadableHash(hash)) return hash
  report.leave('users', 'password cannot be read, the rest is taken', username)
  return null
}

async function pluginKeyOf(
  person: SourcePerson,
  userId: number,
  { fernet, secretBox, report }: Tools,
) {
  const none = { plugin_user_id: null, key_ciphertext: null }
  if (person.plugin_key === null) return none
  const opened = await fernet.open(person.plugin_key).catch(() => null)
  if (opened === null || person.plugin_user_id === null) {
    const reason = opened === null ? 'the old key does not open it' : 'no user at the plug-in'
    report.leave('plugin_keys', `${reason}, a new one is made`, person.username)
    return none
  }
  report.take('plugin_keys')
  const sealed = await secretBox.seal(opened, pluginKeyOwner(userId))
  return { plugin_user_id: person.plugin_user_id, key_ciphertext: sealed }
}

/** The original has had two prefixes for Linux.do: none, and the one of its later route. */
function identityOf({ oauth_id: id }: SourcePerson, { pocketIdIssuer }: Tools): Identity | null {
  const [, prefix = 'linux_do', subject = ''] =
    /^(?:(linux_do|github|pocketid):)?(.+)$/.exec(id ?? '') ?? []
  if (subject === '') return null
  if (prefix === 'github') return { provider: 'github', issuer: GITHUB, subject }
  if (prefix === 'linux_do')
    return /^\d+$/.test(subject) ? { provider: 'linuxdo', issuer: LINUX_DO, subject } : null
  return pocketIdIssuer ? { provider: 'pocketid', issuer: pocketIdIssuer, subject } : null
}

const nameOf = ({ issuer, subject }: Identity) => `${issuer}#${subject}`
