import { effect, signal } from '@preact/signals'

export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const
export type Language = keyof typeof LANGUAGES

const KEPT_AS = 'language'

/** The language of the pages: as chosen, else as the browser prefers, else English. */
export const language = signal<Language>(chosen() ?? preferred())

effect(() => {
  document.documentElement.lang = language.value
})

/** Changes the language of this tab and of those opened later. */
export function chooseLanguage(next: Language): void {
  localStorage.setItem(KEPT_AS, next)
  language.value = next
}

/**
 * The words of a page in every language.
 *
 * @returns what gives those of the current language; called while drawing, the page follows a change
 */
export function texts<Words>(all: { en: Words; zh: NoInfer<Words> }): () => Words {
  return () => (language.value === 'en' ? all.en : all.zh)
}

function chosen(): Language | undefined {
  const kept = localStorage.getItem(KEPT_AS)
  return kept !== null && kept in LANGUAGES ? (kept as Language) : undefined
}

function preferred(): Language {
  for (const wish of navigator.languages) {
    if (/^zh\b/i.test(wish)) return 'zh-CN'
    if (/^en\b/i.test(wish)) return 'en'
  }
  return 'en'
}
