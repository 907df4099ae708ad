import { authWords } from '../pages/auth/words.ts'
import { Copy } from './copy.tsx'

/** Codes that are shown once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const t = authWords()
  return (
    <div class="stack">
      <p class="muted">{t.codesWhy}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div>
        <Copy text={codes.join('\n')} />
      </div>
    </div>
  )
}
