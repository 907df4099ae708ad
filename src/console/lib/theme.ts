import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const KEPT_AS = 'theme'
const kept = localStorage.getItem(KEPT_AS)

/** Light, dark, or as the system has it. */
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')

effect(() => {
  document.documentElement.dataset.theme = theme.value
})

export function chooseTheme(next: Theme): void {
  localStorage.setItem(KEPT_AS, next)
  theme.value = next
}

/** Whether dark is what is seen, for what does not follow the style sheet by itself. */
export function isDark(): boolean {
  if (theme.value !== 'system') return theme.value === 'dark'
  return matchMedia('(prefers-color-scheme: dark)').matches
}
