import { authorizeWords } from './words.ts'

/** What an application would be able to do, in plain words. */
export function ScopeList({ scopes, source }: { scopes: readonly string[]; source: string }) {
  const t = authorizeWords()
  return (
    <>
      {source !== 'admin' && <p class="note warn">{t.unknown}</p>}
      <p class="muted">{t.may}</p>
      <ul>
        {scopes.map((scope) => (
          <li key={scope}>{t.scopes[scope] ?? scope}</li>
        ))}
      </ul>
    </>
  )
}
