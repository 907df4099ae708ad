import { useState } from 'preact/hooks'
import { texts } from '../../lib/i18n.ts'
import { Code } from '../../ui/copy.tsx'
import { Choice } from '../../ui/form.tsx'
import { CLIENTS, type ClientId, settingsFor } from './client-settings.ts'

const words = texts({
  en: {
    title: 'Ready-made settings',
    for: 'Client',
    body: 'For the address that this page has. Put your key in the place of YOUR_KEY.',
  },
  zh: {
    title: '现成的客户端配置',
    for: '客户端',
    body: '使用本页所在的地址。请把 YOUR_KEY 换成您的密钥。',
  },
})

/** What to paste into which client. */
export function Clients() {
  const t = words()
  return (
    <section class="card stack" aria-labelledby="clients">
      <div>
        <h2 id="clients">{t.title}</h2>
        <p class="muted small">{t.body}</p>
      </div>
      <ClientSettings apiKey="YOUR_KEY" />
    </section>
  )
}

export function ClientSettings({ apiKey }: { apiKey: string }) {
  const t = words()
  const [client, setClient] = useState<ClientId>('curl')
  const { where, text } = settingsFor(client, location.origin, apiKey)
  return (
    <div class="stack">
      <Choice
        label={t.for}
        value={client}
        onChange={setClient}
        options={Object.entries(CLIENTS) as [ClientId, string][]}
      />
      {where && <p class="small muted mono">{where}</p>}
      <Code text={text} label={CLIENTS[client]} />
    </div>
  )
}
