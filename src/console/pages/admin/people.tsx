import { useEffect, useState } from 'preact/hooks'
import type { Answer } from '../../lib/api.ts'
import { ago } from '../../lib/format.ts'
import { usePages } from '../../lib/queries.ts'
import { Empty, Load, More } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { common } from '../../ui/words.ts'
import { adminWords } from './words.ts'

const TYPING_MS = 300
export const ROLES = ['admin', 'model_manager', 'user', 'guest'] as const
type Role = (typeof ROLES)[number]
type Person = Answer<'/api/admin/users', 'get'>['items'][number]

/** Everybody, to be searched. */
export function People() {
  const t = adminWords()
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  const [role, setRole] = useState<Role | ''>('')
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  const pages = usePages('/api/admin/users', {
    query: { limit: 25, ...(search && { search }), ...(role && { role }) },
  })
  return (
    <Page title={t.people}>
      <div class="row">
        <input
          class="grow"
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Choice
          label={t.role}
          isBare
          value={role}
          onChange={setRole}
          options={[['', t.anyRole], ...ROLES.map((name) => [name, common().roles[name]] as const)]}
        />
      </div>
      <div class="card flush">
        <Load from={pages} lines={5}>
          {({ pages: read }) => {
            const people = read.flatMap(({ items }) => items)
            return people.length === 0 ? <Empty title={t.none} /> : <Table people={people} />
          }}
        </Load>
      </div>
      <More of={pages} />
    </Page>
  )
}

function Table({ people }: { people: Person[] }) {
  const t = adminWords()
  return (
    <table class="folds">
      <thead>
        <tr>
          {[t.person, t.role, t.level, t.state, t.lastLogin].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <tr key={person.id}>
            <td class="lead break">
              <a href={`/console/admin/people/${person.id}`}>{person.username}</a>
              <div class="small muted">{person.email}</div>
            </td>
            <td data-label={t.role}>{common().roles[person.role]}</td>
            <td data-label={t.level}>{person.trust_level}</td>
            <td data-label={t.state}>
              <PersonState of={person} />
            </td>
            <td data-label={t.lastLogin} class="nowrap">
              {person.last_login_at ? ago(person.last_login_at) : '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function PersonState({ of: person }: { of: Person }) {
  const t = adminWords()
  if (person.banned_at) return <span class="badge bad">{t.banned}</span>
  if (!person.is_active) return <span class="badge">{t.inactive}</span>
  if (person.is_silenced) return <span class="badge warn">{t.silenced}</span>
  return <span class="badge good">{t.active}</span>
}
