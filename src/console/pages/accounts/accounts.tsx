import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { Empty, Load } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Page } from '../../ui/shell.tsx'
import { AccountCard } from './account-card.tsx'
import { BringAccount } from './bring-account.tsx'
import { attempt } from './changes.ts'
import { accountWords } from './words.ts'

/** The AI accounts that a person has brought. */
export function Accounts() {
  const t = accountWords()
  const accounts = useGet('/api/usage/accounts')
  const [isBringing, setBringing] = useState<{ isShared: boolean } | boolean>(false)
  const button = (
    <button type="button" class="button primary" onClick={() => setBringing(true)}>
      <Icon name="plus" size={16} />
      {t.bring}
    </button>
  )
  const hasNone = accounts.error?.code === 'plugin_not_configured'
  return (
    <Page title={t.title} intro={t.intro} action={hasNone ? undefined : button}>
      {hasNone ? (
        <div class="card">
          <Empty title={t.unavailable} />
        </div>
      ) : (
        <Load from={accounts} lines={4}>
          {({ data }) =>
            data.length === 0 ? (
              <div class="card">
                <Empty title={t.none} action={button}>
                  {t.noneBody}
                </Empty>
              </div>
            ) : (
              <>
                <div class="grid accounts">
                  {data.map((account) => (
                    <AccountCard
                      key={account.cookie_id}
                      account={account}
                      onAgain={() => setBringing({ isShared: account.is_shared === 1 })}
                    />
                  ))}
                </div>
                <Preference />
              </>
            )
          }
        </Load>
      )}
      {isBringing !== false && (
        <BringAccount
          known={typeof isBringing === 'object' ? isBringing.isShared : undefined}
          onClose={() => setBringing(false)}
        />
      )}
    </Page>
  )
}

function Preference() {
  const t = accountWords()
  const preference = useGet('/api/plugin-api/preference')
  return (
    <div class="card">
      <Load from={preference} lines={1}>
        {({ data }) => (
          <Choice
            label={t.preference}
            value={data.prefer_shared === 1 ? 'shared' : 'own'}
            onChange={(value) =>
              attempt(async () => {
                await call('put', '/api/plugin-api/preference', {
                  body: { prefer_shared: value === 'shared' },
                })
                await outdated('/api/plugin-api/preference')
              })
            }
            options={[
              ['own', t.preferOwn],
              ['shared', t.preferShared],
            ]}
          />
        )}
      </Load>
    </div>
  )
}
