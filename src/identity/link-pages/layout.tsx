import { raw } from 'hono/html'
import type { PropsWithChildren } from 'hono/jsx'

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
body { max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
label { display: block; margin: 1rem 0 .25rem }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem .75rem; border-radius: 8px; border: 1px solid #8888 }
button { margin-top: 1rem; border: 0; background: #1f5fd6; color: #fff; cursor: pointer }
button:disabled { opacity: .5; cursor: default }
[role=status] { margin-top: 1rem; min-height: 1.5rem }`

interface LayoutProps {
  title: string
  /** Allows this page's own script and style, and no others (CSP Level 3, §2.4.1). */
  nonce: string
  script: string
}

/** A page of its own: no file is loaded from anywhere. */
export function Layout({ title, nonce, script, children }: PropsWithChildren<LayoutProps>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style nonce={nonce}>{raw(STYLE)}</style>
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
          <p role="status" aria-live="polite"></p>
        </main>
        <script nonce={nonce}>{raw(script)}</script>
      </body>
    </html>
  )
}
