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

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
const isSystemDark = signal(systemIsDark.matches)
systemIsDark.addEventListener('change', ({ matches }) => {
  isSystemDark.value = matches
})

/**
 * Whether dark is what is seen, for what does not follow the style sheet by itself; called while
 * drawing, it follows every change.
 */
export function isDark(): boolean {
  return theme.value === 'system' ? isSystemDark.value : theme.value === 'dark'
}
