import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { texts } from '../lib/i18n.ts'
import { useGet } from '../lib/queries.ts'
import { signOut } from '../lib/session.ts'
import { say } from './feedback.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Preferences } from './preferences.tsx'

const words = texts({
  en: {
    skip: 'Skip to the content',
    menu: 'Menu',
    main: 'Main',
    home: 'Home',
    keys: 'Keys',
    usage: 'Usage',
    accounts: 'Accounts',
    pool: 'Pool',
    chat: 'Try it',
    profile: 'Profile',
    admin: 'Administration',
    overview: 'Overview',
    people: 'People',
    models: 'Models',
    applications: 'Applications',
    jobs: 'Jobs',
    audit: 'Audit log',
    signingKeys: 'Signing keys',
    settings: 'Settings',
    docs: 'API documentation',
    signOut: 'Sign out',
    notSignedOut: 'Signing out did not reach the server. Try again.',
  },
  zh: {
    skip: '跳到内容',
    menu: '菜单',
    main: '主导航',
    home: '首页',
    keys: '密钥',
    usage: '用量',
    accounts: '账号',
    pool: '共享池',
    chat: '试一试',
    profile: '个人资料',
    admin: '管理',
    overview: '概览',
    people: '用户',
    models: '模型',
    applications: '应用',
    jobs: '任务',
    audit: '审计日志',
    signingKeys: '签名密钥',
    settings: '设置',
    docs: 'API 文档',
    signOut: '退出登录',
    notSignedOut: '退出请求没有送达服务器，请重试。',
  },
})

type Word = Exclude<keyof ReturnType<typeof words>, never>
type Entry = [path: string, icon: IconName, word: Word]

const PAGES: Entry[] = [
  ['/console', 'home', 'home'],
  ['/console/keys', 'key', 'keys'],
  ['/console/usage', 'chart', 'usage'],
  ['/console/accounts', 'account', 'accounts'],
  ['/console/pool', 'pool', 'pool'],
  ['/console/chat', 'chat', 'chat'],
  ['/console/profile', 'person', 'profile'],
]

const ADMIN_PAGES: Entry[] = [
  ['/console/admin', 'shield', 'overview'],
  ['/console/admin/people', 'people', 'people'],
  ['/console/admin/models', 'model', 'models'],
  ['/console/admin/applications', 'book', 'applications'],
  ['/console/admin/jobs', 'clock', 'jobs'],
  ['/console/admin/audit', 'list', 'audit'],
  ['/console/admin/signing-keys', 'key', 'signingKeys'],
  ['/console/admin/settings', 'gear', 'settings'],
]

/** What stands around every page of somebody who is signed in. */
export function Shell({ children }: { children: ComponentChildren }) {
  const t = words()
  const { path } = useLocation()
  const me = useGet('/api/auth/me').data
  const main = useRef<HTMLElement>(null)
  const drawn = useRef(path)
  useEffect(() => {
    document.getElementById('nav')?.hidePopover()
    if (drawn.current === path) return
    drawn.current = path
    // A page that changes without loading is told to readers, and read from its beginning.
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [path])

  const list = (entries: Entry[]) => (
    <ul>
      {entries.map(([to, icon, word]) => (
        <li key={to}>
          <a href={to} aria-current={isCurrent(path, to) ? 'page' : undefined}>
            <Icon name={icon} />
            {t[word]}
          </a>
        </li>
      ))}
    </ul>
  )
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <header class="top">
        <Brand />
        <button type="button" class="icon-button" popovertarget="nav" aria-label={t.menu}>
          <Icon name="menu" size={22} />
        </button>
      </header>
      <div class="side">
        <nav class="nav" id="nav" popover="auto" aria-label={t.main}>
          <Brand />
          {list(PAGES)}
          {me && (me.role === 'admin' || me.role === 'model_manager') && (
            <div>
              <h2>{t.admin}</h2>
              {list(
                me.role === 'admin' ? ADMIN_PAGES : ADMIN_PAGES.filter(([, , w]) => w === 'models'),
              )}
            </div>
          )}
          <div class="nav-foot">
            <a class="small" href="/api/docs" target="_blank" rel="noreferrer">
              {t.docs}
            </a>
            <div class="row">
              <Preferences />
            </div>
            <button
              type="button"
              class="button small"
              onClick={() => signOut().catch(() => say(t.notSignedOut))}
            >
              <Icon name="out" size={16} />
              <span class="nowrap">{t.signOut}</span>
              {me && <span class="muted one-line">{me.username}</span>}
            </button>
          </div>
        </nav>
      </div>
      <main class="main" id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function isCurrent(path: string, to: string): boolean {
  if (to === '/console' || to === '/console/admin') return path === to || path === `${to}/`
  return path === to || path.startsWith(`${to}/`)
}

export function Brand() {
  return (
    <a class="brand" href="/console">
      <img src="/favicon.svg" alt="" width="26" height="26" />
      shared-accounts
    </a>
  )
}

interface PageProps {
  title: string
  intro?: ComponentChildren
  action?: ComponentChildren
  children: ComponentChildren
}

/** A page's heading and what is below it. */
export function Page({ title, intro, action, children }: PageProps) {
  useTitle(title)
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{title}</h1>
          {intro && <p>{intro}</p>}
        </div>
        {action && <div class="row">{action}</div>}
      </div>
      <div class="stack wide">{children}</div>
    </>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · shared-accounts`
  }, [title])
}

/** A page that stands alone: for people who are not signed in. */
export function Alone({ title, children }: { title: string; children: ComponentChildren }) {
  useTitle(title)
  return (
    <div class="alone">
      <main>
        <Brand />
        <div class="card stack">
          <h1>{title}</h1>
          {children}
        </div>
      </main>
      <footer>
        <Preferences />
      </footer>
    </div>
  )
}
