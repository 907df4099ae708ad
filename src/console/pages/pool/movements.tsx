import type { Answer } from '../../lib/api.ts'
import { change, moment, units } from '../../lib/format.ts'
import { texts } from '../../lib/i18n.ts'

type Entry = Answer<'/api/quotas/ledger', 'get'>['items'][number]

const words = texts({
  en: {
    when: 'When',
    why: 'Why',
    group: 'Pool',
    amount: 'Units',
    after: 'Balance after',
    anyGroup: 'other models',
    sentence: {
      opening: () => 'The pool was opened.',
      recovery: () => 'Recovered with time, a fifth of the ceiling an hour.',
      use: (model: string) => `A call of ${model} drew from accounts that others lend.`,
      ceiling: () => 'An account was lent or taken back, and the ceiling moved.',
    },
  },
  zh: {
    when: '时间',
    why: '原因',
    group: '池',
    amount: '单位',
    after: '变动后余额',
    anyGroup: '其他模型',
    sentence: {
      opening: () => '额度池已开启。',
      recovery: () => '随时间恢复：每小时恢复上限的五分之一。',
      use: (model) => `调用 ${model} 时使用了他人共享的账号。`,
      ceiling: () => '共享或收回了账号，上限随之变化。',
    },
  },
})

/** Movements of pools as a table, each with its reason in a sentence. */
export function Movements({ entries }: { entries: Entry[] }) {
  const t = words()
  return (
    <table class="folds">
      <thead>
        <tr>
          <th scope="col">{t.when}</th>
          <th scope="col">{t.why}</th>
          <th scope="col">{t.group}</th>
          <th scope="col" class="end">
            {t.amount}
          </th>
          <th scope="col" class="end">
            {t.after}
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="lead nowrap">
              <time dateTime={entry.at}>{moment(entry.at)}</time>
            </td>
            <td>{t.sentence[entry.kind](entry.model ?? '')}</td>
            <td data-label={t.group}>{entry.group === '*' ? t.anyGroup : entry.group}</td>
            <td data-label={t.amount} class={`end number ${entry.amount < 0 ? '' : 'good'}`}>
              {change(entry.amount)}
            </td>
            <td data-label={t.after} class="end number">
              {units(entry.balance_after, 4)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
