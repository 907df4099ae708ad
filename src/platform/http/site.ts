/**
 * Domains below which strangers have hosts: what stands before them is a site of its own. The whole list
 * (https://publicsuffix.org) is many times as large as this Worker; a suffix that is missing here makes
 * two sites look like one, which browsers that say `Sec-Fetch-Site` correct.
 */
const SHARED_DOMAINS = new Set([
  ...['workers.dev', 'pages.dev', 'github.io', 'gitlab.io', 'vercel.app', 'netlify.app', 'web.app'],
  ...['firebaseapp.com', 'herokuapp.com', 'onrender.com', 'fly.dev', 'deno.dev', 'surge.sh'],
  ...['azurewebsites.net', 'azurestaticapps.net', 'amplifyapp.com', 'cloudfront.net', 'run.app'],
  ...['co.uk', 'org.uk', 'com.au', 'co.jp', 'co.kr', 'com.br', 'com.cn', 'com.hk', 'com.tw'],
  ...['co.in', 'co.nz', 'co.za', 'com.sg', 'com.tr', 'com.mx', 'com.ar', 'eu.org'],
])

/**
 * Whether two addresses are of one site as browsers understand it for `SameSite` cookies: the same
 * scheme and the same registrable domain, whatever the port.
 */
export function isSameSite(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)]
  return a !== null && b !== null && a.protocol === b.protocol && siteOf(a) === siteOf(b)
}

function siteOf({ hostname }: URL): string {
  if (/^[\d.]+$|^\[/.test(hostname)) return hostname
  const labels = hostname.split('.')
  const isShared = SHARED_DOMAINS.has(labels.slice(-2).join('.'))
  return labels.slice(isShared ? -3 : -2).join('.')
}
