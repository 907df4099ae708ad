import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { Dialog, say } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import { accountsChanged } from './changes.ts'
import { accountWords } from './words.ts'

type Begun = Answer<'/api/plugin-api/oauth/authorize', 'post'>['data']

interface BringAccountProps {
  /** Of an account that is authorised again: whether it is lent. */
  known: boolean | undefined
  onClose: () => void
}

/** Consent in a window of its own, then the address that one landed on. */
export function BringAccount({ known, onClose }: BringAccountProps) {
  const t = accountWords()
  const [isShared, setShared] = useState(known ?? true)
  const [begun, setBegun] = useState<Begun | null>(null)
  const begin = useWork(async () => {
    const { data } = await call('post', '/api/plugin-api/oauth/authorize', {
      body: { is_shared: isShared },
    })
    setBegun(data)
  })
  return (
    <Dialog title={known === undefined ? t.bring : t.again} onClose={onClose}>
      {begun ? (
        <Complete begun={begun} onClose={onClose} />
      ) : (
        <Form work={begin} submit={t.goOn} beside={<Cancel onClose={onClose} />}>
          <fieldset class="stack">
            <legend class="label">{t.whatFor}</legend>
            {([true, false] as const).map((value) => (
              <label key={String(value)} class="check">
                <input
                  type="radio"
                  name="what-for"
                  checked={isShared === value}
                  onChange={() => setShared(value)}
                />
                <span>
                  {value ? t.forAll : t.forMe}
                  <span class="muted small"> {value ? t.forAllHint : t.forMeHint}</span>
                </span>
              </label>
            ))}
          </fieldset>
        </Form>
      )}
    </Dialog>
  )
}

function Complete({ begun, onClose }: { begun: Begun; onClose: () => void }) {
  const t = accountWords()
  const [address, setAddress] = useState('')
  const work = useWork(async () => {
    await call('post', '/api/plugin-api/oauth/callback', { body: { callback_url: address.trim() } })
    await accountsChanged()
    say(t.done)
    onClose()
  })
  return (
    <Form
      work={work}
      submit={t.complete}
      fields={['callback_url']}
      beside={<Cancel onClose={onClose} />}
    >
      <ol class="steps">
        <li>
          <div class="stack tight">
            <p>{t.step1}</p>
            <div>
              <a class="button" href={begun.auth_url} target="_blank" rel="noreferrer">
                {t.openPage}
              </a>
            </div>
          </div>
        </li>
        <li>
          <div class="stack tight">
            <p>{t.step2}</p>
            <AddressBar label={t.picture} />
          </div>
        </li>
        <li>
          <div class="stack tight">
            <p>{t.step3}</p>
            <Field
              label={t.address}
              type="url"
              required
              spellcheck={false}
              autocomplete="off"
              placeholder="http://localhost:…/?state=…&code=…"
              value={address}
              onInput={setAddress}
              hint={t.addressHint}
              wrong={work.failure?.fields.callback_url}
            />
          </div>
        </li>
      </ol>
    </Form>
  )
}

function Cancel({ onClose }: { onClose: () => void }) {
  return (
    <button type="button" class="button" onClick={onClose}>
      {common().cancel}
    </button>
  )
}

/** What one sees in the end: a page that does not load, and above it what to copy. */
function AddressBar({ label }: { label: string }) {
  return (
    <svg class="picture" viewBox="0 0 420 96" role="img" aria-label={label}>
      <rect class="frame" x="1" y="1" width="418" height="94" rx="10" />
      <circle class="dot" cx="18" cy="20" r="4" />
      <circle class="dot" cx="32" cy="20" r="4" />
      <circle class="dot" cx="46" cy="20" r="4" />
      <rect class="bar" x="64" y="8" width="344" height="24" rx="12" />
      <text class="address" x="78" y="24">
        http://localhost:8045/…?state=…&amp;code=4/0A…
      </text>
      <text class="page" x="210" y="70" text-anchor="middle">
        ⚠ localhost
      </text>
    </svg>
  )
}
