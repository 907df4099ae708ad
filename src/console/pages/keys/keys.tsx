import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { asFailure, explain } from '../../lib/failure.ts'
import { ago, count, moment, units } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Empty, Load, say } from '../../ui/feedback.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Page } from '../../ui/shell.tsx'
import { ChangeKey } from './change-key.tsx'
import { Clients } from './clients.tsx'
import type { Key } from './key.ts'
import { MakeKey, type NewKey, ShowKey } from './make-key.tsx'
import { keyWords } from './words.ts'

/** The keys of a person, and what clients need to use one. */
export function Keys() {
  const t = keyWords()
  const keys = useGet('/api/api-keys')
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<NewKey | null>(null)
  const [changing, setChanging] = useState<Key | null>(null)
  const makeButton = (
    <button type="button" class="button primary" onClick={() => setMaking(true)}>
      <Icon name="plus" size={16} />
      {t.make}
    </button>
  )
  return (
    <Page title={t.title} intro={t.intro} action={makeButton}>
      <div class="card flush">
        <Load from={keys}>
          {(list) =>
            list.length === 0 ? (
              <Empty title={t.none} action={makeButton}>
                {t.noneBody}
              </Empty>
            ) : (
              <KeyTable keys={list} onChange={setChanging} />
            )
          }
        </Load>
      </div>
      <Clients />
      {isMaking && (
        <MakeKey
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false)
            setMade(key)
          }}
        />
      )}
      {made && <ShowKey made={made} onClose={() => setMade(null)} />}
      {changing && <ChangeKey of={changing} onClose={() => setChanging(null)} />}
    </Page>
  )
}

function KeyTable({ keys, onChange }: { keys: Key[]; onChange: (key: Key) => void }) {
  const t = keyWords()
  return (
    <table class="folds">
      <thead>
        <tr>
          <th scope="col">{t.name}</th>
          <th scope="col">{t.what}</th>
          <th scope="col">{t.lastUsed}</th>
          <th scope="col">{t.state}</th>
          <th scope="col">
            <span class="hidden-visually">{t.change}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <td class="lead">
              <strong class="break">{key.name ?? t.unnamed}</strong>
              <div class="mono muted">{key.key_preview}</div>
            </td>
            <td data-label={t.what}>{bounds(key)}</td>
            <td data-label={t.lastUsed} class="nowrap">
              {key.last_used_at ? (
                <time dateTime={key.last_used_at}>{ago(key.last_used_at)}</time>
              ) : (
                <span class="muted">{t.neverUsed}</span>
              )}
            </td>
            <td data-label={t.state}>
              <State of={key} />
            </td>
            <td>
              <div class="row end">
                <button type="button" class="button small" onClick={() => onChange(key)}>
                  {t.change}
                </button>
                <button type="button" class="button small" onClick={() => toggle(key)}>
                  {key.is_active ? t.switchOff : t.switchOn}
                </button>
                <button type="button" class="button danger small" onClick={() => remove(key)}>
                  {t.remove}
                </button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function State({ of: key }: { of: Key }) {
  const t = keyWords()
  if (key.expires_at && Date.parse(key.expires_at) <= Date.now())
    return <span class="badge warn">{t.expired}</span>
  return key.is_active ? (
    <span class="badge good">{t.active}</span>
  ) : (
    <span class="badge">{t.off}</span>
  )
}

/** What a key is held to, in a line. */
function bounds(key: Key): string {
  const t = keyWords()
  return [
    key.scopes?.join(', '),
    key.models ? key.models.join(', ') : t.allModels,
    key.requests_per_minute !== null && t.aMinute(count(key.requests_per_minute)),
    key.quota_per_day !== null && t.aDay(units(key.quota_per_day, 0)),
    key.quota_per_month !== null && t.aMonth(units(key.quota_per_month, 0)),
    key.expires_at !== null && t.until(moment(key.expires_at)),
  ]
    .filter(Boolean)
    .join(' · ')
}

async function toggle(key: Key): Promise<void> {
  await attempt(() =>
    call('patch', '/api/api-keys/{id}/status', {
      path: { id: key.id },
      body: { is_active: !key.is_active },
    }),
  )
}

async function remove(key: Key): Promise<void> {
  const t = keyWords()
  const isSure = await confirm({
    title: t.removeTitle(key.name ?? key.key_preview),
    body: t.removeBody,
    action: t.remove,
  })
  if (isSure) await attempt(() => call('delete', '/api/api-keys/{id}', { path: { id: key.id } }))
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
    await outdated('/api/api-keys')
  } catch (error) {
    say(explain(asFailure(error)))
  }
}
