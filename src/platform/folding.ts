/**
 * Two spellings that people take for the same name must not be two accounts: compatibility forms
 * and case are folded (Unicode NFKC, then lower case).
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim()
}
