import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { type Answer, call } from '../../lib/api.ts'
import { compact, count, moment, units } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Dialog, Load, Problem, say } from '../../ui/feedback.tsx'
import { Check, Choice, Field, Form, useWork } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { common } from '../../ui/words.ts'
import { AuditList } from './audit.tsx'
import { Access, Pools } from './belongings.tsx'
import { PersonState, ROLES } from './people.tsx'
import { adminWords } from './words.ts'

type Person = Answer<'/api/admin/users/{id}', 'get'>

/** One person: what they may, what they did, and what can be done. */
export function PersonPage({ id }: { id: string }) {
  const t = adminWords()
  const number = Number(id)
  const person = useGet('/api/admin/users/{id}', { path: { id: number } })
  return (
    <Page
      title={person.data?.username ?? t.person}
      intro={<a href="/console/admin/people">{t.back}</a>}
    >
      <Load from={person} lines={6}>
        {(data) => (
          <>
            <Settings key={data.updated_at} person={data} />
            <Actions person={data} />
            <Access id={number} />
            <Pools id={number} />
            <Used id={number} />
            <section class="stack" aria-labelledby="events">
              <h2 id="events">{t.events}</h2>
              <AuditList query={{ user_id: number }} />
            </section>
          </>
        )}
      </Load>
    </Page>
  )
}

const changed = () =>
  outdated(
    '/api/admin/users/{id}',
    '/api/admin/users/{id}/sessions',
    '/api/admin/users/{id}/api-keys',
    '/api/admin/users/{id}/quotas',
    '/api/admin/users',
    '/api/admin/audit',
  )

function Settings({ person }: { person: Person }) {
  const t = adminWords()
  const [role, setRole] = useState(person.role)
  const [level, setLevel] = useState(String(person.trust_level))
  const [isActive, setActive] = useState(person.is_active)
  const [isSilenced, setSilenced] = useState(person.is_silenced)
  const [isVerified, setVerified] = useState(person.is_verified)
  const work = useWork(async () => {
    await call('put', '/api/admin/users/{id}', {
      path: { id: person.id },
      body: {
        ...(role !== person.role && { role }),
        ...(Number(level) !== person.trust_level && { trust_level: Number(level) }),
        ...(isActive !== person.is_active && { is_active: isActive }),
        ...(isSilenced !== person.is_silenced && { is_silenced: isSilenced }),
        ...(isVerified !== person.is_verified && { is_verified: isVerified }),
      },
    })
    await changed()
    say(t.done)
  })
  return (
    <section class="card stack">
      <p class="row">
        <span class="break">{person.email ?? '–'}</span> <PersonState of={person} />
        {person.banned_at && (
          <span class="muted small break">
            {person.banned_until ? t.bannedUntil(moment(person.banned_until)) : t.bannedForGood}
            {person.ban_reason && `. ${t.bannedFor(person.ban_reason)}`}
          </span>
        )}
      </p>
      <Form work={work} submit={t.save}>
        <div class="row">
          <Choice
            label={t.role}
            value={role}
            onChange={setRole}
            options={ROLES.map((name) => [name, common().roles[name]] as const)}
          />
          <Choice
            label={t.level}
            value={level}
            onChange={setLevel}
            options={['0', '1', '2', '3', '4'].map((name) => [name, name] as const)}
          />
        </div>
        <Check label={t.isActive} checked={isActive} onChange={setActive} />
        <Check label={t.isSilenced} checked={isSilenced} onChange={setSilenced} />
        <Check
          label={t.verified}
          checked={isVerified}
          onChange={setVerified}
          disabled={person.email === null}
        />
      </Form>
    </section>
  )
}

function Actions({ person }: { person: Person }) {
  const t = adminWords()
  const { route } = useLocation()
  const [isBanning, setBanning] = useState(false)
  const path = { path: { id: person.id } }
  const work = useWork(async (title: string, body: string, run: () => Promise<unknown>) => {
    if (!(await confirm({ title: `${title}: ${person.username}`, body, action: title }))) return
    await run()
    say(t.done)
    await changed()
  })
  const actions: [string, string, () => Promise<unknown>][] = [
    [t.signOut, t.signOutBody, () => call('post', '/api/admin/users/{id}/logout', path)],
    [t.unlock, t.unlockBody, () => call('post', '/api/admin/users/{id}/unlock', path)],
    ...(person.has_second_factor
      ? [
          [
            t.resetFactor,
            t.resetFactorBody,
            () => call('post', '/api/admin/users/{id}/reset-mfa', path),
          ] as [string, string, () => Promise<unknown>],
        ]
      : []),
  ]
  return (
    <section class="card stack" aria-labelledby="doing">
      <h2 id="doing">{t.doing}</h2>
      {work.failure && <Problem failure={work.failure} />}
      <div class="row">
        {actions.map(([title, body, run]) => (
          <button
            key={title}
            type="button"
            class="button"
            onClick={() => work.start(title, body, run)}
          >
            {title}
          </button>
        ))}
        {person.banned_at ? (
          <button
            type="button"
            class="button"
            onClick={() =>
              work.start(t.unban, t.unbanBody, () =>
                call('post', '/api/admin/users/{id}/unban', path),
              )
            }
          >
            {t.unban}
          </button>
        ) : (
          <button type="button" class="button danger" onClick={() => setBanning(true)}>
            {t.ban}
          </button>
        )}
        <button
          type="button"
          class="button danger"
          onClick={() =>
            work.start(t.remove, t.removeBody, async () => {
              await call('delete', '/api/admin/users/{id}', path)
              route('/console/admin/people')
            })
          }
        >
          {t.remove}
        </button>
      </div>
      {isBanning && <Ban person={person} onClose={() => setBanning(false)} />}
    </section>
  )
}

function Ban({ person, onClose }: { person: Person; onClose: () => void }) {
  const t = adminWords()
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const work = useWork(async () => {
    await call('post', '/api/admin/users/{id}/ban', {
      path: { id: person.id },
      body: {
        ...(reason && { reason }),
        ...(until && { until: new Date(until).toISOString() }),
      },
    })
    await changed()
    onClose()
  })
  const wrong = work.failure?.fields ?? {}
  return (
    <Dialog title={`${t.ban}: ${person.username}`} onClose={onClose}>
      <p>{t.banBody}</p>
      <Form work={work} submit={t.ban} fields={['reason', 'until']}>
        <Field
          label={t.reason}
          maxLength={500}
          value={reason}
          onInput={setReason}
          wrong={wrong.reason}
        />
        <Field
          label={t.until}
          type="datetime-local"
          value={until}
          onInput={setUntil}
          hint={t.untilHint}
          wrong={wrong.until}
        />
      </Form>
    </Dialog>
  )
}

function Used({ id }: { id: number }) {
  const t = adminWords()
  const stats = useGet('/api/admin/usage/stats', { query: { group_by: 'model', user_id: id } })
  return (
    <section class="card stack" aria-labelledby="used">
      <h2 id="used">{t.usage}</h2>
      <Load from={stats} lines={1}>
        {({ totals }) => (
          <div class="grid narrow">
            {[
              [t.calls, count(totals.requests)],
              [t.failed, count(totals.errors)],
              [t.tokens, compact(totals.total_tokens)],
              [t.units, units(totals.quota)],
            ].map(([name, value]) => (
              <dl key={name} class="figure">
                <dt>{name}</dt>
                <dd>{value}</dd>
              </dl>
            ))}
          </div>
        )}
      </Load>
    </section>
  )
}
