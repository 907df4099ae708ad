import type { Grant } from './consents.ts'
import type { Exchange } from './exchange.ts'
import type { Plugin } from './plugin.ts'
import { escapeHtml } from './reply.ts'
import { toUnits } from './units.ts'

/**
 * `GET /oauth/consent`: stands where the real service sends people to the account provider.
 */
export function showConsent(plugin: Plugin, exchange: Exchange): Promise<void> {
  const state = exchange.url.searchParams.get('state') ?? ''
  if (!plugin.consents.find(state, plugin.now())) {
    return exchange.reply.html(
      400,
      page('<p>This authorization is unknown or has expired. Please begin again.</p>'),
    )
  }
  return exchange.reply.html(200, page(form(state)))
}

/**
 * `POST /oauth/consent`: takes the form and redirects with `code` and `state`, or with `error`.
 * With `show=1` the address is shown on a page instead, because nothing answers at the usual one.
 */
export function takeConsent(plugin: Plugin, exchange: Exchange): Promise<void> {
  const form = new URLSearchParams(exchange.raw.toString('utf8'))
  const state = form.get('state') ?? ''
  if (!plugin.consents.find(state, plugin.now())) {
    return exchange.reply.html(400, page('<p>This authorization is unknown or has expired.</p>'))
  }
  const target = new URL(plugin.redirectUri)
  target.searchParams.set('state', state)
  if (form.get('decision') === 'deny') {
    target.searchParams.set('error', 'access_denied')
  } else {
    const grant = readGrant(form)
    if (typeof grant === 'string') return exchange.reply.html(400, page(`<p>${grant}</p>`))
    target.searchParams.set('code', plugin.consents.issueCode(grant))
  }
  const address = escapeHtml(target.href)
  const shown = page(
    `<p>Copy this address and hand it in where you began:</p><p><code>${address}</code></p>`,
  )
  return form.get('show') === '1'
    ? exchange.reply.html(200, shown)
    : exchange.reply.html(302, shown, { Location: target.href })
}

/**
 * Reads the form: `email`, `tier` (`free`, `paid`, `unknown`), `quota` (a fraction for all models,
 * default 1), `quota.<model>` (for one model), `eligibility` (`ok`, `ineligible`,
 * `unsupported_location`, `unknown`: the upstream could not be asked).
 */
function readGrant(form: URLSearchParams): Grant | string {
  const email = form.get('email')?.trim() ?? ''
  if (!/^\S+@\S+$/.test(email)) return 'Please enter an e-mail address.'
  const tier = form.get('tier') ?? 'free'
  const quotas: Record<string, number> = { '*': 10_000 }
  for (const [name, value] of form) {
    if (name !== 'quota' && !name.startsWith('quota.')) continue
    const fraction = Number(value)
    if (value === '' || !(fraction >= 0 && fraction <= 1)) return 'Quotas lie between 0 and 1.'
    quotas[name === 'quota' ? '*' : name.slice('quota.'.length)] = toUnits(fraction)
  }
  const eligibility = form.get('eligibility') ?? 'ok'
  return {
    email,
    paidTier: tier === 'unknown' ? null : tier === 'paid',
    quotas,
    ineligible: eligibility === 'ineligible',
    unsupportedLocation: eligibility === 'unsupported_location',
    unknown: eligibility === 'unknown',
  }
}

function form(state: string): string {
  return `<p>In the real service the account provider would ask here. Nothing leaves this machine.</p>
<form method="post" action="/oauth/consent">
  <input type="hidden" name="state" value="${escapeHtml(state)}">
  <label>Account e-mail <input type="email" name="email" required value="lender@example.test"></label>
  <label>Tier
    <select name="tier">
      <option value="free">free</option>
      <option value="paid">paid</option>
      <option value="unknown">not told</option>
    </select>
  </label>
  <label>Remaining quota (0 to 1)
    <input type="number" name="quota" min="0" max="1" step="0.01" value="1"></label>
  <label>Eligibility
    <select name="eligibility">
      <option value="ok">eligible</option>
      <option value="ineligible">not eligible</option>
      <option value="unsupported_location">country not served</option>
      <option value="unknown">could not be asked</option>
    </select>
  </label>
  <label class="check"><input type="checkbox" name="show" value="1" checked>
    show the resulting address here instead of going to it (nothing answers there)</label>
  <div>
    <button name="decision" value="approve">Approve</button>
    <button name="decision" value="deny" class="plain" formnovalidate>Deny</button>
  </div>
</form>`
}

function page(content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Account consent (development stand-in)</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
  h1 { font-size: 1.3rem }
  label { display: block; margin: .8rem 0 }
  input:not([type=checkbox]), select { display: block; width: 100%; padding: .4rem; font: inherit; box-sizing: border-box }
  button { padding: .5rem 1.2rem; font: inherit; border: 1px solid #1a4fb4; background: #1a4fb4; color: #fff; border-radius: .3rem }
  button.plain { background: #fff; color: #1a4fb4 }
  code { display: block; padding: .8rem; background: #f2f2f2; word-break: break-all; user-select: all }
  .notice { padding: .5rem .8rem; background: #fff4d6; border-radius: .3rem }
</style>
</head>
<body>
<p class="notice">This is a development stand-in, not for production.</p>
<h1>Lend an account</h1>
${content}
</body>
</html>
`
}
