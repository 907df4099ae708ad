import { call } from '../../lib/api.ts'
import { moment } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Load, Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

/** The keys of access tokens. */
export function SigningKeys() {
  const t = adminWords()
  const keys = useGet('/api/admin/signing-keys')
  const rotate = useWork(async () => {
    if (!(await confirm({ title: `${t.rotate}?`, body: t.rotateBody, action: t.rotate }))) return
    await call('post', '/api/admin/signing-keys/rotate', {})
    await outdated('/api/admin/signing-keys')
  })
  return (
    <Page
      title={t.keys}
      intro={t.keysIntro}
      action={
        <button type="button" class="button" onClick={() => rotate.start()}>
          {t.rotate}
        </button>
      }
    >
      {rotate.failure && <Problem failure={rotate.failure} />}
      <div class="card flush">
        <Load from={keys}>
          {(list) => (
            <table class="folds">
              <thead>
                <tr>
                  {['kid', t.algorithm, t.state, t.made, t.verifies].map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {list.map((key) => (
                  <tr key={key.kid}>
                    <td class="lead mono break">{key.kid}</td>
                    <td data-label={t.algorithm}>{key.algorithm}</td>
                    <td data-label={t.state}>
                      {key.signs && <span class="badge good">{t.signs}</span>}
                    </td>
                    <td data-label={t.made} class="nowrap">
                      {moment(key.created_at)}
                    </td>
                    <td data-label={t.verifies} class="nowrap">
                      {key.verifies_until ? moment(key.verifies_until) : '–'}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Load>
      </div>
    </Page>
  )
}
