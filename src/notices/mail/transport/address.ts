/** `Name <box@host>` or `box@host`, as people write a sender. */
export function parseAddress(text: string): { name?: string; email: string } {
  const [, name = '', email] = /^\s*"?([^"<]*?)"?\s*<([^<>\s]+)>\s*$/.exec(text) ?? []
  if (!email) return { email: text.trim() }
  return name ? { name, email } : { email }
}
