import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import type { AppError } from '../../errors.ts'

/** Nothing in it may run, and nobody may frame it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** What a person reads in their browser when an application has sent them here wrongly. */
export function errorPage(c: Context<AppEnv>, error: AppError): Response {
  const status = error.status === 401 ? 400 : error.status
  return c.html(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>shared-accounts</title><style>body{font:1rem/1.5 system-ui;max-width:34rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>The application made a mistake</h1>
<p>It sent you here in a way that this server does not accept. Nothing of yours was given to it.</p>
<p lang="zh-CN">该应用的请求有误，本服务没有接受。您的任何信息都没有提供给它。</p>
<p><code>Error: ${escapeHtml(error.message)}</code></p></html>`,
    status as 400,
    { 'content-security-policy': POLICY },
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
