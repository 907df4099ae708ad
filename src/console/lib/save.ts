/** Gives the person a file. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Not before the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** RFC 4180, with a header. A cell that a spreadsheet would take for a formula is quoted as text. */
export function toCsv(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cell = (value: unknown) => {
    const text = String(value ?? '')
    const plain = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
  }
  const lines = rows.map((row) => names.map((name) => cell((row as Record<string, unknown>)[name])))
  return [names, ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}
