import { useState } from 'preact/hooks'
import type { Answer } from '../../lib/api.ts'
import { useGet } from '../../lib/queries.ts'
import { Empty, Load } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

type Setting = Answer<'/api/admin/settings', 'get'>[number]
type Shown = 'all' | Setting['state']

/** What this deployment is set to, and what it left to us. */
export function Settings() {
  const t = adminWords()
  const settings = useGet('/api/admin/settings')
  const [name, setName] = useState('')
  const [shown, setShown] = useState<Shown>('all')
  const isMeant = (setting: Setting) =>
    setting.name.includes(name.trim().toUpperCase()) && (shown === 'all' || setting.state === shown)
  return (
    <Page title={t.settings} intro={t.settingsIntro}>
      <div class="row">
        <input
          class="grow"
          type="search"
          aria-label={t.settingName}
          placeholder={t.settingName}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <Choice
          label={t.state}
          isBare
          value={shown}
          onChange={setShown}
          options={(['all', 'set', 'default', 'unset'] as const).map((each) => [
            each,
            t.settingStates[each],
          ])}
        />
      </div>
      <div class="card flush">
        <Load from={settings} lines={5}>
          {(list) => {
            const meant = list.filter(isMeant)
            return meant.length === 0 ? <Empty title={t.noSetting} /> : <Table settings={meant} />
          }}
        </Load>
      </div>
    </Page>
  )
}

function Table({ settings }: { settings: Setting[] }) {
  const t = adminWords()
  return (
    <table class="folds">
      <thead>
        <tr>
          {[t.settingName, t.state, t.value].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {settings.map(({ name, state, value, is_secret: isSecret }) => (
          <tr key={name}>
            <td class="lead mono break">{name}</td>
            <td data-label={t.state}>
              <span class={`badge ${state === 'set' ? 'good' : ''}`}>{t.settingStates[state]}</span>
            </td>
            <td data-label={t.value} class="mono break">
              {isSecret ? <span class="muted">{t.secret}</span> : (value ?? '–')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
