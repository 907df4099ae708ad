import { useState } from 'preact/hooks'
import { type Answer, call } from '../../lib/api.ts'
import { texts } from '../../lib/i18n.ts'
import { useGet, usePages } from '../../lib/queries.ts'
import { saveText, toCsv } from '../../lib/save.ts'
import { Empty, Load, More, Problem } from '../../ui/feedback.tsx'
import { Choice, useWork } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { common } from '../../ui/words.ts'
import { PoolCard } from '../home/pool-card.tsx'
import { Movements } from './movements.tsx'
import { SharedPool } from './shared-pool.tsx'

type Entry = Answer<'/api/quotas/ledger', 'get'>['items'][number]
const KINDS = ['opening', 'recovery', 'use', 'ceiling'] as const
type Kind = (typeof KINDS)[number]

const words = texts({
  en: {
    title: 'Pool',
    intro:
      'What you may draw, and every movement that made it so. For each pool the movements add up to the balance, always.',
    ledger: 'Movements, the newest first',
    none: 'No movement yet',
    noneBody: 'The first one comes with your first call through a lent account.',
    group: 'Pool',
    kind: 'Kind',
    anyGroup: 'other models',
    kinds: { opening: 'Opening', recovery: 'Recovery', use: 'Use', ceiling: 'Ceiling' },
  },
  zh: {
    title: '共享池',
    intro: '您可用的额度，以及它的每一笔变动。每个池的变动之和始终等于余额。',
    ledger: '变动记录（从新到旧）',
    none: '还没有变动',
    noneBody: '第一次通过共享账号调用后，这里会出现记录。',
    group: '池',
    kind: '类型',
    anyGroup: '其他模型',
    kinds: { opening: '开户', recovery: '恢复', use: '使用', ceiling: '上限' },
  },
})

/** What one may draw, and why it is so much. */
export function Pool() {
  const t = words()
  const quotas = useGet('/api/quotas')
  const [kind, setKind] = useState<Kind | ''>('')
  const [group, setGroup] = useState('')
  const filter = { ...(kind && { kind }), ...(group && { group }) }
  const pages = usePages('/api/quotas/ledger', { query: { limit: 25, ...filter } })
  const save = useWork(async () =>
    saveText('ledger.csv', toCsv(await allEntries(filter)), 'text/csv'),
  )
  return (
    <Page title={t.title} intro={t.intro}>
      <Load from={quotas}>
        {({ pools }) => (
          <section class="grid" aria-labelledby="own-pools">
            <h2 id="own-pools" class="hidden-visually">
              {t.title}
            </h2>
            {pools.map((pool) => (
              <PoolCard key={pool.group} pool={pool} isOnly={pools.length === 1} />
            ))}
          </section>
        )}
      </Load>
      <SharedPool />
      <section class="stack" aria-labelledby="ledger">
        <div class="row between">
          <h2 id="ledger">{t.ledger}</h2>
          <div class="row">
            <Choice
              label={t.kind}
              isBare
              value={kind}
              onChange={setKind}
              options={[['', common().all], ...KINDS.map((name) => [name, t.kinds[name]] as const)]}
            />
            {(quotas.data?.pools.length ?? 0) > 1 && (
              <Choice
                label={t.group}
                isBare
                value={group}
                onChange={setGroup}
                options={[
                  ['', common().all],
                  ...(quotas.data?.pools ?? []).map(
                    ({ group: name }) => [name, name === '*' ? t.anyGroup : name] as const,
                  ),
                ]}
              />
            )}
            <button
              type="button"
              class="button"
              aria-busy={save.isBusy}
              onClick={() => save.start()}
            >
              {common().download}
            </button>
          </div>
        </div>
        {save.failure && <Problem failure={save.failure} />}
        <div class="card flush">
          <Load from={pages}>
            {({ pages: read }) => {
              const entries = read.flatMap(({ items }) => items)
              if (entries.length === 0) return <Empty title={t.none}>{t.noneBody}</Empty>
              return <Movements entries={entries} />
            }}
          </Load>
        </div>
        <More of={pages} />
      </section>
    </Page>
  )
}

/** The whole ledger, read page by page. */
async function allEntries(filter: { kind?: Kind; group?: string }): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | null = null
  do {
    const page: Answer<'/api/quotas/ledger', 'get'> = await call('get', '/api/quotas/ledger', {
      query: { limit: 200, ...filter, ...(cursor !== null && { cursor }) },
    })
    entries.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  return entries
}
