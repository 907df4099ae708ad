/** One member of a JSON object, by its place in the text. */
export interface Member {
  name: string
  /** Where its name begins. */
  start: number
  valueStart: number
  end: number
}

/**
 * The members of a JSON object as they are written, doubled ones too: what `JSON.parse` does not tell.
 *
 * @param text a valid JSON object
 */
export function membersOf(text: string): Member[] {
  const members: Member[] = []
  let depth = 0
  let member: Member | null = null
  let index = text.indexOf('{') + 1
  const close = () => {
    if (member) members.push({ ...member, end: index })
    member = null
  }
  for (; index < text.length; index++) {
    const character = text[index]
    if (character === '"') {
      const end = endOfString(text, index)
      if (depth === 0 && !member) {
        const name = JSON.parse(text.slice(index, end)) as string
        member = { name, start: index, valueStart: text.indexOf(':', end) + 1, end }
      }
      index = end - 1
    } else if (character === '{' || character === '[') depth++
    else if (character === ',' && depth === 0) close()
    else if ((character === '}' || character === ']') && depth-- === 0) {
      close()
      break
    }
  }
  return members
}

/** The object without a member; everything else stays as it is written, long numbers too. */
export function withoutMember(text: string, name: string): string {
  const members = membersOf(text)
  const kept = members.filter((member) => member.name !== name)
  if (kept.length === members.length) return text
  return `{${kept.map(({ start, end }) => text.slice(start, end)).join(',')}}`
}

/** The object with a member of this value, which is JSON too; everything else stays as it is written. */
export function withMember(text: string, name: string, value: string): string {
  const kept = membersOf(text).filter((member) => member.name !== name)
  const others = kept.map(({ start, end }) => text.slice(start, end))
  return `{${[...others, `${JSON.stringify(name)}:${value}`].join(',')}}`
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end + 1
}

function isEscaped(text: string, index: number): boolean {
  let start = index
  while (text[start - 1] === '\\') start--
  return (index - start) % 2 === 1
}
