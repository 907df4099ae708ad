import { chooseLanguage, LANGUAGES, type Language, language, texts } from '../lib/i18n.ts'
import { chooseTheme, type Theme, theme } from '../lib/theme.ts'

const words = texts({
  en: {
    language: 'Language',
    theme: 'Appearance',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
  },
  zh: { language: '语言', theme: '外观', system: '跟随系统', light: '浅色', dark: '深色' },
})

/** Language and appearance, kept in this browser. */
export function Preferences() {
  const t = words()
  return (
    <>
      <select
        aria-label={t.language}
        value={language.value}
        onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} selected={code === language.value}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t.theme}
        value={theme.value}
        onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}
      >
        {(['system', 'light', 'dark'] as const).map((name) => (
          <option key={name} value={name} selected={name === theme.value}>
            {t[name]}
          </option>
        ))}
      </select>
    </>
  )
}
