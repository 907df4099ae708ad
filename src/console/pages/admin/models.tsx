import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { units } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { Dialog, Empty, Load, Problem } from '../../ui/feedback.tsx'
import { Check, Field, Form, useWork } from '../../ui/form.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

type Model = Answer<'/api/admin/models', 'get'>[number]
const NEW: Model = {
  id: '',
  group: '',
  weight: 1,
  is_enabled: true,
  request_estimate: null,
  stands_for: null,
  is_default: true,
}

/** The catalogue: what is offered, and what it costs in units. */
export function Models() {
  const t = adminWords()
  const models = useGet('/api/admin/models')
  const [changing, setChanging] = useState<Model | null>(null)
  const forget = useWork(async (id: string) => {
    await call('delete', '/api/admin/models/{id}', { path: { id } })
    await outdated('/api/admin/models', '/v1/models')
  })
  return (
    <Page
      title={t.models}
      intro={t.modelsIntro}
      action={
        <button type="button" class="button" onClick={() => setChanging(NEW)}>
          <Icon name="plus" size={16} />
          {t.addModel}
        </button>
      }
    >
      {forget.failure && <Problem failure={forget.failure} />}
      <div class="card flush">
        <Load from={models} lines={6}>
          {(list) =>
            list.length === 0 ? (
              <Empty title={t.noModel} />
            ) : (
              <table class="folds">
                <thead>
                  <tr>
                    {[t.model, t.group, t.weight, t.estimate, t.enabled, ''].map((name) => (
                      <th key={name} scope="col">
                        {name || <span class="hidden-visually">{t.change}</span>}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {list.map((model) => (
                    <tr key={model.id}>
                      <td class="lead break">
                        {model.id}
                        {model.stands_for?.any && ` → ${model.stands_for.any}`}{' '}
                        {model.is_default && <span class="badge">{t.isDefault}</span>}
                      </td>
                      <td data-label={t.group}>{model.group}</td>
                      <td data-label={t.weight} class="number">
                        {model.weight}
                      </td>
                      <td data-label={t.estimate} class="number">
                        {model.request_estimate === null ? '–' : units(model.request_estimate)}
                      </td>
                      <td data-label={t.enabled}>{model.is_enabled ? '✓' : '–'}</td>
                      <td>
                        <div class="row end">
                          <button
                            type="button"
                            class="button small"
                            onClick={() => setChanging(model)}
                          >
                            {t.change}
                          </button>
                          {!model.is_default && (
                            <button
                              type="button"
                              class="button small"
                              onClick={() => forget.start(model.id)}
                            >
                              {t.forget}
                            </button>
                          )}
                        </div>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Load>
      </div>
      {changing && <Change model={changing} onClose={() => setChanging(null)} />}
    </Page>
  )
}

function Change({ model, onClose }: { model: Model; onClose: () => void }) {
  const t = adminWords()
  const [id, setId] = useState(model.id)
  const [group, setGroup] = useState(model.group)
  const [weight, setWeight] = useState(String(model.weight))
  const [estimate, setEstimate] = useState(String(model.request_estimate ?? ''))
  const [meant, setMeant] = useState(model.stands_for?.any ?? '')
  const [isEnabled, setEnabled] = useState(model.is_enabled)
  const work = useWork(async () => {
    await call('put', '/api/admin/models/{id}', {
      path: { id },
      body: {
        ...(group && { group }),
        weight: Number(weight),
        is_enabled: isEnabled,
        request_estimate: estimate === '' ? null : Number(estimate),
        ...(meant !== (model.stands_for?.any ?? '') && {
          stands_for: standsFor(model, meant),
        }),
      },
    })
    await outdated('/api/admin/models', '/v1/models')
    onClose()
  })
  const wrong = work.failure?.fields ?? {}
  return (
    <Dialog title={model.id || t.addModel} onClose={onClose}>
      <Form
        work={work}
        submit={t.save}
        fields={['group', 'weight', 'request_estimate', 'stands_for']}
      >
        {model.id === '' && <Field label={t.model} required value={id} onInput={setId} />}
        <div class="grid narrow">
          <Field label={t.group} value={group} onInput={setGroup} wrong={wrong.group} />
          <Field
            label={t.weight}
            type="number"
            step="any"
            min={0}
            required
            value={weight}
            onInput={setWeight}
            wrong={wrong.weight}
          />
          <Field
            label={t.estimate}
            type="number"
            step="any"
            min={0}
            value={estimate}
            onInput={setEstimate}
            hint={t.estimateHint}
            wrong={wrong.request_estimate}
          />
        </div>
        <Field
          label={t.standsFor}
          value={meant}
          onInput={setMeant}
          hint={t.standsForHint}
          wrong={wrong.stands_for}
        />
        <Check label={t.enabled} checked={isEnabled} onChange={setEnabled} />
      </Form>
    </Dialog>
  )
}

/** What is said of single protocols stays. */
function standsFor({ stands_for }: Model, meant: string): Model['stands_for'] {
  const { any: _, ...others } = stands_for ?? {}
  const all = { ...others, ...(meant && { any: meant }) }
  return Object.keys(all).length > 0 ? all : null
}
