import { useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { outdated } from '../../lib/queries.ts'
import { Dialog, say } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import type { Key } from './key.ts'
import { LIMIT_FIELDS, LimitFields, limitsOf, toBody } from './limits.tsx'
import { keyWords } from './words.ts'

/** Changes the name and the limits of a key; what it may do is settled when it is made. */
export function ChangeKey({ of: key, onClose }: { of: Key; onClose: () => void }) {
  const t = keyWords()
  const [name, setName] = useState(key.name ?? '')
  const [limits, setLimits] = useState(limitsOf(key))
  const work = useWork(async () => {
    await call('patch', '/api/api-keys/{id}', {
      path: { id: key.id },
      body: { name: name === '' ? null : name, ...toBody(limits) },
    })
    await outdated('/api/api-keys')
    say(common().saved)
    onClose()
  })
  const wrong = work.failure?.fields ?? {}
  return (
    <Dialog title={t.changeTitle} onClose={onClose}>
      <Form
        work={work}
        submit={common().save}
        fields={['name', ...LIMIT_FIELDS]}
        beside={
          <button type="button" class="button" onClick={onClose}>
            {common().cancel}
          </button>
        }
      >
        <Field label={t.name} maxLength={100} value={name} onInput={setName} wrong={wrong.name} />
        <LimitFields value={limits} onInput={setLimits} wrong={wrong} />
      </Form>
    </Dialog>
  )
}
