import { useState } from 'preact/hooks'
import type { Answer } from '../../lib/api.ts'
import { count, exactMoment, milliseconds, moment, units } from '../../lib/format.ts'
import { useGet, usePages } from '../../lib/queries.ts'
import { Dialog, Empty, Load, More } from '../../ui/feedback.tsx'
import { Check, Choice } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import { usageWords } from './words.ts'

type Call = Answer<'/api/usage/logs', 'get'>['items'][number]

/** The list of calls, with filters, and the whole story of each. */
export function Calls({ from }: { from: string }) {
  const t = usageWords()
  const [model, setModel] = useState('')
  const [key, setKey] = useState('')
  const [onlyErrors, setOnlyErrors] = useState(false)
  const [shown, setShown] = useState<Call | null>(null)
  const models = useGet('/api/usage/stats', { query: { group_by: 'model', from } }).data
  const keys = useGet('/api/api-keys').data ?? []
  const pages = usePages('/api/usage/logs', {
    query: {
      from,
      limit: 20,
      ...(model && { model }),
      ...(key && { api_key_id: Number(key) }),
      ...(onlyErrors && { errors_only: 'true' as const }),
    },
  })
  return (
    <section class="stack" aria-labelledby="calls">
      <div class="row between">
        <h2 id="calls">{t.list}</h2>
        <div class="row">
          <Choice
            label={t.model}
            isBare
            value={model}
            onChange={setModel}
            options={[
              ['', t.allModels],
              ...(models?.rows ?? []).flatMap(({ model: name }) =>
                name ? [[name, name] as const] : [],
              ),
            ]}
          />
          <Choice
            label={t.key}
            isBare
            value={key}
            onChange={setKey}
            options={[
              ['', t.allKeys],
              ...keys.map(
                ({ id, name, key_preview }) => [String(id), name ?? key_preview] as const,
              ),
            ]}
          />
          <Check label={t.onlyErrors} checked={onlyErrors} onChange={setOnlyErrors} />
        </div>
      </div>
      <div class="card flush">
        <Load from={pages}>
          {({ pages: read }) => {
            const calls = read.flatMap(({ items }) => items)
            return calls.length === 0 ? (
              <Empty title={t.none} />
            ) : (
              <Table calls={calls} onShow={setShown} />
            )
          }}
        </Load>
      </div>
      <More of={pages} />
      {shown && <Story of={shown} onClose={() => setShown(null)} />}
    </section>
  )
}

function Table({ calls, onShow }: { calls: Call[]; onShow: (call: Call) => void }) {
  const t = usageWords()
  return (
    <table class="folds">
      <thead>
        <tr>
          <th scope="col">{t.when}</th>
          <th scope="col">{t.model}</th>
          <th scope="col">{t.status}</th>
          <th scope="col" class="end">
            {t.tokens}
          </th>
          <th scope="col" class="end">
            {t.units}
          </th>
          <th scope="col" class="end">
            {t.duration}
          </th>
          <th scope="col">
            <span class="hidden-visually">{t.more}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr key={call.id}>
            <td class="lead nowrap">
              <time dateTime={call.created_at}>{moment(call.created_at)}</time>
            </td>
            <td data-label={t.model} class="break">
              {call.model ?? '–'}
            </td>
            <td data-label={t.status}>
              <Outcome of={call} />
            </td>
            <td data-label={t.tokens} class="end number">
              {call.total_tokens === null ? '–' : count(call.total_tokens)}
            </td>
            <td data-label={t.units} class="end number">
              {call.quota === null ? '–' : units(call.quota, 4)}
            </td>
            <td data-label={t.duration} class="end number">
              {milliseconds(call.duration_ms)}
            </td>
            <td class="end">
              <button type="button" class="button quiet small" onClick={() => onShow(call)}>
                {t.more}
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Outcome({ of: call }: { of: Call }) {
  const t = usageWords()
  if (call.status === 499) return <span class="badge">{t.left}</span>
  if (call.status < 400 && !call.error_code) return <span class="badge good">{t.ok}</span>
  return (
    <span class={`badge ${call.status >= 500 ? 'bad' : 'warn'}`}>
      {call.status} {call.error_code}
    </span>
  )
}

/** Everything that is known of one call. */
function Story({ of: call, onClose }: { of: Call; onClose: () => void }) {
  const t = usageWords()
  const tokens = (n: number | null) => (n === null ? '–' : count(n))
  const pairs: [string, string | null | undefined][] = [
    [t.when, exactMoment(call.created_at)],
    [t.requestId, call.request_id],
    [t.endpoint, call.endpoint],
    [t.model, call.model],
    [t.key, call.api_key_id === null ? t.withToken : (call.api_key_name ?? `#${call.api_key_id}`)],
    [t.stream, call.stream ? t.yes : t.no],
    [t.status, String(call.status)],
    [t.code, call.error_code],
    [t.tokensIn, tokens(call.prompt_tokens)],
    [t.tokensOut, `${tokens(call.completion_tokens)}${call.estimated ? ` (${t.estimated})` : ''}`],
    [t.firstByte, milliseconds(call.time_to_first_byte_ms)],
    [t.duration, milliseconds(call.duration_ms)],
    [
      t.charged,
      call.quota === null
        ? t.notYet
        : call.quota === 0
          ? t.nothing
          : t.chargedUnits(units(call.quota)),
    ],
  ]
  return (
    <Dialog title={t.story} onClose={onClose}>
      <dl class="pairs">
        {pairs.map(([name, value]) =>
          value ? [<dt key={name}>{name}</dt>, <dd key={`${name}-value`}>{value}</dd>] : null,
        )}
      </dl>
      <div class="row end">
        <button type="button" class="button" onClick={onClose}>
          {common().close}
        </button>
      </div>
    </Dialog>
  )
}
