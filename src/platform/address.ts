/** IPv4 and IPv6 addresses and ranges of them (RFC 4632, RFC 4291), without a name ever being looked up. */

interface Address {
  bits: 32 | 128
  value: bigint
}

export interface AddressRange extends Address {
  prefixLength: number
}

/** @returns null for what is no address; an IPv4-mapped IPv6 address is the IPv4 address */
export function parseAddress(text: string): Address | null {
  const v4 = parseV4(text)
  if (v4 !== null) return { bits: 32, value: v4 }
  const v6 = parseV6(text)
  if (v6 === null) return null
  return v6 >> 32n === 0xffffn ? { bits: 32, value: v6 & 0xffffffffn } : { bits: 128, value: v6 }
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Null when it is neither. */
export function parseRange(text: string): AddressRange | null {
  const [base = '', length, ...rest] = text.split('/')
  const address = parseAddress(base)
  if (!address || rest.length > 0) return null
  if (length === undefined) return { ...address, prefixLength: address.bits }
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (prefixLength < 0 || prefixLength > address.bits) return null
  return { ...address, prefixLength }
}

export function isInside(address: Address, range: AddressRange): boolean {
  if (address.bits !== range.bits) return false
  const shift = BigInt(range.bits - range.prefixLength)
  return address.value >> shift === range.value >> shift
}

/**
 * What counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber has to himself and
 * could otherwise take a new address from for every attempt.
 */
export function clientOf(text: string): string {
  const address = parseAddress(text)
  if (!address) return 'unknown'
  return address.bits === 32
    ? `4-${address.value.toString(16)}`
    : `6-${(address.value >> 64n).toString(16)}`
}

function parseV4(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let value = 0n
  for (const part of parts) {
    // No leading zeros: some read them as octal.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseV6(text: string): bigint | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (tail) {
    const v4 = parseV4(tail[2] ?? '')
    if (v4 === null) return null
    return parseV6(`${tail[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`)
  }
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const count = (head?.length ?? 0) + (rest?.length ?? 0)
  if (rest ? count > 7 : count !== 8) return null
  const groups = [...(head ?? []), ...Array<string>(8 - count).fill('0'), ...(rest ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}
