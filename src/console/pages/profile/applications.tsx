import { call } from '../../lib/api.ts'
import { texts } from '../../lib/i18n.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Load, Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { authorizeWords } from '../authorize/words.ts'

const words = texts({
  en: {
    title: 'Connected applications',
    none: 'You have let no application in.',
    end: 'Take back',
    endTitle: (name: string) => `Take back what ${name} may?`,
    endBody: 'It loses its access at once, and has to ask you again.',
  },
  zh: {
    title: '已连接的应用',
    none: '您还没有授权任何应用。',
    end: '撤销',
    endTitle: (name: string) => `撤销 ${name} 的访问权限？`,
    endBody: '它会立即失去访问权限，需要重新向您请求。',
  },
})

/** What others may do for the person, and an end to it. */
export function Applications() {
  const t = words()
  const { scopes } = authorizeWords()
  const grants = useGet('/api/users/me/grants')
  const end = useWork(async (client_id: string, name: string) => {
    if (!(await confirm({ title: t.endTitle(name), body: t.endBody, action: t.end }))) return
    await call('delete', '/api/users/me/grants', { query: { client_id } })
    await outdated('/api/users/me/grants')
  })
  return (
    <section class="card stack" aria-labelledby="applications">
      <h2 id="applications">{t.title}</h2>
      {end.failure && <Problem failure={end.failure} />}
      <Load from={grants} lines={1}>
        {(list) => (
          <>
            {list.length === 0 && <p class="muted">{t.none}</p>}
            <ul class="stack" hidden={list.length === 0}>
              {list.map((grant) => (
                <li key={grant.client_id} class="row between">
                  <span class="grow">
                    {grant.client_name}{' '}
                    <span class="muted small">
                      {grant.scopes.map((scope) => scopes[scope] ?? scope).join(' · ')}
                    </span>
                  </span>
                  <button
                    type="button"
                    class="button small"
                    onClick={() => end.start(grant.client_id, grant.client_name)}
                  >
                    {t.end}
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </Load>
    </section>
  )
}
