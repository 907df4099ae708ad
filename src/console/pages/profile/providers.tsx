import { call } from '../../lib/api.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { confirm, Load, Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { withProof } from '../../ui/step-up.tsx'
import { profileWords } from './words.ts'

/** Providers that the person may sign in with. */
export function Providers() {
  const t = profileWords()
  const identities = useGet('/api/auth/identities')
  const providers = useGet('/api/auth/oidc/providers', {}, { as: 'public' }).data?.providers ?? []
  const link = useWork((provider: string) =>
    withProof(async (proof) => {
      const { authorization_url } = await call('post', '/api/auth/identities/{provider}', {
        path: { provider },
        query: { return_to: '/console/profile' },
        body: proof,
      })
      location.assign(authorization_url)
    }),
  )
  const unlink = useWork(async (id: number, name: string) => {
    if (!(await confirm({ title: t.unlinkTitle(name), body: t.unlinkBody, action: t.unlink })))
      return
    await call('delete', '/api/auth/identities/{id}', { path: { id: String(id) } })
    await outdated('/api/auth/identities')
  })
  const failure = link.failure ?? unlink.failure
  return (
    <section class="card stack" aria-labelledby="providers">
      <h2 id="providers">{t.providers}</h2>
      {failure && failure.code !== 'cancelled' && <Problem failure={failure} />}
      <Load from={identities} lines={1}>
        {({ identities: linked }) => {
          const open = providers.filter(({ id }) => linked.every(({ provider }) => provider !== id))
          return (
            <>
              {linked.length + open.length === 0 && <p class="muted">{t.noProviders}</p>}
              <ul class="stack" hidden={linked.length === 0}>
                {linked.map(({ id, provider_name, username, email }) => (
                  <li key={id} class="row between">
                    <span class="grow">
                      {provider_name} <span class="muted">{username ?? email}</span>
                    </span>
                    <button
                      type="button"
                      class="button small"
                      onClick={() => unlink.start(id, provider_name)}
                    >
                      {t.unlink}
                    </button>
                  </li>
                ))}
              </ul>
              <div class="row" hidden={open.length === 0}>
                {open.map(({ id, name }) => (
                  <button key={id} type="button" class="button" onClick={() => link.start(id)}>
                    {t.link(name)}
                  </button>
                ))}
              </div>
            </>
          )
        }}
      </Load>
    </section>
  )
}
