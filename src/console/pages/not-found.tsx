import { texts } from '../lib/i18n.ts'
import { Alone, useTitle } from '../ui/shell.tsx'

const words = texts({
  en: {
    title: 'There is no such page',
    body: 'The address may be mistyped, or the page has moved.',
    home: 'To the home page',
  },
  zh: { title: '没有这个页面', body: '地址可能输入有误，或页面已移动。', home: '回到首页' },
})

export function NotFound() {
  const t = words()
  const isInside = location.pathname.startsWith('/console')
  useTitle(t.title)
  const body = (
    <>
      <p class="muted">{t.body}</p>
      <p>
        <a class="button primary" href="/console">
          {t.home}
        </a>
      </p>
    </>
  )
  if (!isInside) return <Alone title={t.title}>{body}</Alone>
  return (
    <div class="stack">
      <h1>{t.title}</h1>
      {body}
    </div>
  )
}
