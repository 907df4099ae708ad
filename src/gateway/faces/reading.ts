import { AppError } from '../../errors.ts'
import { isObject, type JsonObject } from '../dialects/fields.ts'

/** A request that no model could be asked. */
export function notValid(param: string, what: string): AppError {
  return new AppError('invalid_request', `"${param}": ${what}`, { param })
}

/** @throws {AppError} `invalid_request` */
export function readModel(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return value
  throw notValid('model', 'must be the name of a model, of at most 200 characters.')
}

/** @throws {AppError} `invalid_request` */
export function readFlag(value: unknown, param: string): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  throw notValid(param, 'must be true or false.')
}

/** @throws {AppError} `invalid_request` */
export function readNumber(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw notValid(param, 'must be a number.')
}

/** A limit of tokens. @throws {AppError} `invalid_request` */
export function readLimit(value: unknown, param: string): number | undefined {
  const limit = readNumber(value, param)
  if (limit === undefined || (Number.isInteger(limit) && limit > 0)) return limit
  throw notValid(param, 'must be a positive whole number.')
}

/** @throws {AppError} `invalid_request` */
export function readObjects(value: unknown, param: string): JsonObject[] {
  if (!Array.isArray(value)) throw notValid(param, 'must be a list.')
  return value.map((item, index) => {
    if (isObject(item)) return item
    throw notValid(`${param}.${index}`, 'must be an object.')
  })
}

/** The objects of a list that may be missing; whatever else stands in it is no part of it. */
export function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Those of the fields that are there. */
export function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** A message's content: a plain text where it is nothing but text, since every server takes that. */
export function contentOf(parts: readonly JsonObject[]): string | JsonObject[] {
  return parts.every(({ type }) => type === 'text')
    ? parts.map(({ text }) => text).join('\n')
    : [...parts]
}

export function textPart(text: string): JsonObject {
  return { type: 'text', text }
}

export function imagePart(url: string): JsonObject {
  return { type: 'image_url', image_url: { url } }
}
