import { useId, useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { outdated } from '../../lib/queries.ts'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/feedback.tsx'
import { Choice, Field, Form, useWork } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import { applicationWords } from './application-words.ts'

export type MadeApplication = Pick<
  Answer<'/api/admin/clients', 'post'>,
  'client_id' | 'client_secret'
>
type Kind = 'client_secret_basic' | 'none'

interface MakeApplicationProps {
  onClose: () => void
  onMade: (application: MadeApplication) => void
}

export function MakeApplication({ onClose, onMade }: MakeApplicationProps) {
  const t = applicationWords()
  const id = useId()
  const [name, setName] = useState('')
  const [addresses, setAddresses] = useState('')
  const [kind, setKind] = useState<Kind>('client_secret_basic')
  const work = useWork(async () => {
    const redirect_uris = addresses.split(/\s+/).filter(Boolean)
    const made = await call('post', '/api/admin/clients', {
      body: { name, redirect_uris, auth_method: kind },
    })
    await outdated('/api/admin/clients')
    onMade(made)
  })
  return (
    <Dialog title={t.make} onClose={onClose}>
      <Form
        work={work}
        submit={t.make}
        fields={['name']}
        beside={
          <button type="button" class="button" onClick={onClose}>
            {common().cancel}
          </button>
        }
      >
        <Field
          label={t.nameField}
          hint={t.nameHint}
          required
          maxLength={100}
          value={name}
          onInput={setName}
          wrong={work.failure?.fields.name}
          autofocus
        />
        <div class="field">
          <label for={id}>{t.addresses}</label>
          <textarea
            id={id}
            rows={3}
            required
            spellcheck={false}
            aria-describedby={`${id}-more`}
            value={addresses}
            onInput={(event) => setAddresses(event.currentTarget.value)}
          />
          <div id={`${id}-more`} class="hint">
            {t.addressesHint}
          </div>
        </div>
        <Choice
          label={t.kind}
          value={kind}
          onChange={setKind}
          options={[
            ['client_secret_basic', t.withSecret],
            ['none', t.withoutSecret],
          ]}
        />
      </Form>
    </Dialog>
  )
}

/** What the application has to know; its secret, once. */
export function ShowApplication({ made, onClose }: { made: MadeApplication; onClose: () => void }) {
  const t = applicationWords()
  const lines = [
    [t.id, made.client_id],
    [t.secret, made.client_secret],
  ] as const
  return (
    <Dialog title={t.made} onClose={onClose}>
      {made.client_secret && <p class="muted">{t.madeBody}</p>}
      {lines.map(
        ([label, text]) =>
          text && (
            <div key={label} class="note row between">
              <span>{label}</span>
              <code class="break grow">{text}</code>
              <Copy text={text} />
            </div>
          ),
      )}
      <div class="row end">
        <button type="button" class="button primary" onClick={onClose}>
          {t.done}
        </button>
      </div>
    </Dialog>
  )
}
