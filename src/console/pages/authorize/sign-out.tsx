import { texts } from '../../lib/i18n.ts'
import { signOut } from '../../lib/session.ts'
import { Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { Alone } from '../../ui/shell.tsx'

const words = texts({
  en: {
    title: 'Sign out?',
    body: 'An application asks to sign you out here.',
    action: 'Sign out',
    stay: 'Stay signed in',
  },
  zh: {
    title: '退出登录？',
    body: '一个应用请求让您在此退出登录。',
    action: '退出登录',
    stay: '保持登录',
  },
})

/** Where an application leads that wants the person signed out, and cannot show that it knows them. */
export function SignOut() {
  const t = words()
  const work = useWork(async () => {
    await signOut()
    // The server knows whether the application's address is one to go to.
    const params = new URLSearchParams(location.search)
    params.set('confirmed', 'yes')
    location.replace(`/oauth/logout?${params}`)
  })
  return (
    <Alone title={t.title}>
      <p class="muted">{t.body}</p>
      {work.failure && <Problem failure={work.failure} />}
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={work.isBusy}
          onClick={() => work.start()}
        >
          {t.action}
        </button>
        <a class="button" href="/console">
          {t.stay}
        </a>
      </div>
    </Alone>
  )
}
