import { useState } from 'preact/hooks'
import { type Answer, call, type Input } from '../../lib/api.ts'
import { outdated } from '../../lib/queries.ts'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/feedback.tsx'
import { Check, Choice, Field, Form, useWork } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import { ClientSettings } from './clients.tsx'
import { LIMIT_FIELDS, LimitFields, NO_LIMITS, toBody } from './limits.tsx'
import { keyWords } from './words.ts'

export type NewKey = Answer<'/api/api-keys', 'post'>
type Body = NonNullable<Input<'/api/api-keys', 'post'>['body']>
type Scope = NonNullable<Body['scopes']>[number]

const SCOPES: Scope[] = [
  'chat',
  'read:models',
  'read:usage',
  'read:quotas',
  'read:users',
  'write:users',
  'read:audit',
  'write:models',
]
type Reach = 'everything' | 'chat' | 'chosen'

interface MakeKeyProps {
  onClose: () => void
  onMade: (key: NewKey) => void
}

export function MakeKey({ onClose, onMade }: MakeKeyProps) {
  const t = keyWords()
  const [name, setName] = useState('')
  const [reach, setReach] = useState<Reach>('everything')
  const [scopes, setScopes] = useState<Scope[]>(['chat'])
  const [limits, setLimits] = useState(NO_LIMITS)
  const work = useWork(async () => {
    const given = Object.fromEntries(
      Object.entries(toBody(limits)).filter(([, value]) => value !== null),
    ) as Partial<Body>
    const wanted: Record<Reach, Scope[] | undefined> = {
      everything: undefined,
      chat: ['chat', 'read:models'],
      chosen: scopes,
    }
    const made = await call('post', '/api/api-keys', {
      body: { ...given, ...(name && { name }), ...(wanted[reach] && { scopes: wanted[reach] }) },
    })
    await outdated('/api/api-keys')
    onMade(made)
  })
  const wrong = work.failure?.fields ?? {}
  return (
    <Dialog title={t.make} onClose={onClose}>
      <Form
        work={work}
        submit={t.make}
        fields={['name', ...LIMIT_FIELDS]}
        beside={
          <button type="button" class="button" onClick={onClose}>
            {common().cancel}
          </button>
        }
      >
        <Field
          label={t.name}
          hint={t.nameHint}
          maxLength={100}
          value={name}
          onInput={setName}
          wrong={wrong.name}
          autofocus
        />
        <Choice
          label={t.what}
          value={reach}
          onChange={setReach}
          options={[
            ['everything', t.everything],
            ['chat', t.chatOnly],
            ['chosen', t.chosen],
          ]}
        />
        {reach === 'chosen' && (
          <fieldset class="grid narrow">
            <legend class="hidden-visually">{t.scopes}</legend>
            {SCOPES.map((scope) => (
              <Check
                key={scope}
                label={<code>{scope}</code>}
                checked={scopes.includes(scope)}
                onChange={(isOn) =>
                  setScopes(isOn ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
            ))}
          </fieldset>
        )}
        <details>
          <summary>{t.limits}</summary>
          <div class="inside">
            <LimitFields value={limits} onInput={setLimits} wrong={wrong} />
          </div>
        </details>
      </Form>
    </Dialog>
  )
}

/** The key, once, with what to paste where. */
export function ShowKey({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const t = keyWords()
  return (
    <Dialog title={t.made} onClose={onClose}>
      <p class="muted">{t.madeBody}</p>
      <div class="note row between">
        <code class="break grow">{made.key}</code>
        <Copy text={made.key} />
      </div>
      <ClientSettings apiKey={made.key} />
      <div class="row end">
        <button type="button" class="button primary" onClick={onClose}>
          {t.done}
        </button>
      </div>
    </Dialog>
  )
}
