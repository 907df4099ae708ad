import { useEffect, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'
import { common } from './words.ts'

const SHOWN_MS = 1_800

/** Puts a text on the clipboard, and says that it is there. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setDone(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isDone])
  const t = common()
  return (
    <button
      type="button"
      class="button small"
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => setDone(true),
          () => undefined,
        )
      }
    >
      <Icon name={isDone ? 'check' : 'copy'} size={15} />
      <span aria-live="polite">{isDone ? t.copied : (label ?? t.copy)}</span>
    </button>
  )
}

/** Lines to paste somewhere. */
export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="lines" tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <Copy text={text} />
    </div>
  )
}
