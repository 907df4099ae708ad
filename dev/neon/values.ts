/** A value as it appears in a response. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

type Convert = (text: string) => Json

const convertNumber: Convert = (text) => {
  const value = Number(text)
  // NaN and the infinities have no JSON form.
  return Number.isFinite(value) ? value : text
}
const convertBoolean: Convert = (text) => text === 't'
const convertJson: Convert = (text) => JSON.parse(text) as Json
const keepText: Convert = (text) => text

/** Types that have a JSON form of their own, by OID. int8 and numeric stay text: they may be too long. */
const SCALARS = new Map<number, Convert>([
  [16, convertBoolean],
  [21, convertNumber],
  [23, convertNumber],
  [700, convertNumber],
  [701, convertNumber],
  [114, convertJson],
  [3802, convertJson],
])

/** Built-in array types and the OID of their elements. */
const ARRAYS = new Map<number, number>([
  [1000, 16], // bool
  [1001, 17], // bytea
  [1002, 18], // char
  [1003, 19], // name
  [1016, 20], // int8
  [1005, 21], // int2
  [1007, 23], // int4
  [1009, 25], // text
  [1028, 26], // oid
  [199, 114], // json
  [3807, 3802], // jsonb
  [651, 650], // cidr
  [1021, 700], // float4
  [1022, 701], // float8
  [791, 790], // money
  [1040, 829], // macaddr
  [1041, 869], // inet
  [1014, 1042], // bpchar
  [1015, 1043], // varchar
  [1182, 1082], // date
  [1183, 1083], // time
  [1115, 1114], // timestamp
  [1185, 1184], // timestamptz
  [1187, 1186], // interval
  [1270, 1266], // timetz
  [1561, 1560], // bit
  [1563, 1562], // varbit
  [1231, 1700], // numeric
  [2951, 2950], // uuid
])

/**
 * Converts one cell for a client that did not ask for raw text.
 *
 * @param text PostgreSQL's text output
 * @param typeId OID of the column's type; arrays of types that a database defined itself stay text
 */
export function toJson(text: string, typeId: number): Json {
  const element = ARRAYS.get(typeId)
  if (element === undefined) return (SCALARS.get(typeId) ?? keepText)(text)
  return parseArray(text, SCALARS.get(element) ?? keepText)
}

/** Reads PostgreSQL's array output, e.g. `{1,NULL,"a\"b"}` or `[0:1]={1,2}`. */
function parseArray(text: string, convert: Convert): Json[] {
  // Explicit bounds have no JSON form.
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0

  const readQuoted = (): string => {
    let value = ''
    at += 1
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\') at += 1
      value += text[at]
      at += 1
    }
    at += 1
    return value
  }
  const readPlain = (): string => {
    const start = at
    while (at < text.length && text[at] !== ',' && text[at] !== '}') at += 1
    return text.slice(start, at)
  }
  const readArray = (): Json[] => {
    const items: Json[] = []
    at += 1
    while (at < text.length && text[at] !== '}') {
      if (text[at] === ',') at += 1
      if (text[at] === '{') items.push(readArray())
      else if (text[at] === '"') items.push(convert(readQuoted()))
      else {
        const plain = readPlain()
        items.push(plain === 'NULL' ? null : convert(plain))
      }
    }
    at += 1
    return items
  }
  return readArray()
}
