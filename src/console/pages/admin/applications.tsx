import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { ago, count } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Empty, Load, Problem } from '../../ui/feedback.tsx'
import { useWork, type Work } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Page } from '../../ui/shell.tsx'
import { applicationWords } from './application-words.ts'
import { type MadeApplication, MakeApplication, ShowApplication } from './make-application.tsx'

type Application = Answer<'/api/admin/clients', 'get'>[number]
const LIST = '/api/admin/clients'
const ONE = '/api/admin/clients/{id}'

/** The applications that sign people in, and what can be done with them. */
export function Applications() {
  const t = applicationWords()
  const applications = useGet(LIST)
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<MadeApplication | null>(null)
  const work = useWork(async (change: () => Promise<unknown>) => {
    await change()
    await outdated(LIST)
  })
  const makeButton = (
    <button type="button" class="button" onClick={() => setMaking(true)}>
      <Icon name="plus" size={16} />
      {t.make}
    </button>
  )
  return (
    <Page title={t.title} intro={t.intro} action={makeButton}>
      {work.failure && <Problem failure={work.failure} />}
      <div class="card flush">
        <Load from={applications} lines={4}>
          {(list) =>
            list.length === 0 ? (
              <Empty title={t.none}>{t.noneBody}</Empty>
            ) : (
              <Table list={list} work={work} onSecret={setMade} />
            )
          }
        </Load>
      </div>
      {isMaking && (
        <MakeApplication
          onClose={() => setMaking(false)}
          onMade={(application) => {
            setMaking(false)
            setMade(application)
          }}
        />
      )}
      {made && <ShowApplication made={made} onClose={() => setMade(null)} />}
    </Page>
  )
}

interface TableProps {
  list: Application[]
  work: Work<[change: () => Promise<unknown>]>
  onSecret: (made: MadeApplication) => void
}

function Table({ list, work, onSecret }: TableProps) {
  const t = applicationWords()
  return (
    <table class="folds">
      <thead>
        <tr>
          {[t.name, t.from, t.people, t.lastUsed, t.state, ''].map((name) => (
            <th key={name} scope="col">
              {name || <span class="hidden-visually">{t.doing}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {list.map((application) => (
          <tr key={application.client_id}>
            <td class="lead">
              <strong class="break">{application.name}</strong>
              <div class="mono muted break">{application.client_id}</div>
            </td>
            <td data-label={t.from}>{t.sources[application.source]}</td>
            <td data-label={t.people} class="number">
              {count(application.people)}
            </td>
            <td data-label={t.lastUsed} class="nowrap">
              {application.last_used_at ? ago(application.last_used_at) : t.neverUsed}
            </td>
            <td data-label={t.state}>
              <span class={`badge ${application.is_active ? 'good' : ''}`}>
                {application.is_active ? t.active : t.off}
              </span>
            </td>
            <td>
              <Actions of={application} work={work} onSecret={onSecret} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Actions({
  of: { client_id: id, name, auth_method, is_active },
  work,
  onSecret,
}: Pick<TableProps, 'work' | 'onSecret'> & { of: Application }) {
  const t = applicationWords()
  const path = { id }
  const replaceSecret = async () => {
    const question = { title: t.newSecretTitle(name), body: t.newSecretBody, action: t.newSecret }
    if (!(await confirm(question))) return
    await work.start(async () =>
      onSecret(await call('post', '/api/admin/clients/{id}/secret', { path, body: {} })),
    )
  }
  const remove = async () => {
    const question = { title: t.removeTitle(name), body: t.removeBody, action: t.remove }
    if (await confirm(question)) await work.start(() => call('delete', ONE, { path }))
  }
  return (
    <div class="row end">
      {auth_method.startsWith('client_secret') && (
        <button type="button" class="button small" onClick={replaceSecret}>
          {t.newSecret}
        </button>
      )}
      <button
        type="button"
        class="button small"
        onClick={() =>
          work.start(() => call('patch', ONE, { path, body: { is_active: !is_active } }))
        }
      >
        {is_active ? t.switchOff : t.switchOn}
      </button>
      <button type="button" class="button danger small" onClick={remove}>
        {t.remove}
      </button>
    </div>
  )
}
