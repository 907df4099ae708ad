import { AppError } from '../../errors.ts'

/** A place in a list that is ordered by time, newest first; rows that come later change nothing behind it. */
export interface Position {
  /** Microseconds since the epoch, which is as exact as PostgreSQL keeps it. */
  micros: string
  id: string
}

const FORM = /^(\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** What clients are given; they are not to look inside. */
export function toCursor({ micros, id }: Position): string {
  return btoa(`${micros}.${id}`).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** @throws {AppError} `validation_failed` for anything but a cursor of ours */
export function fromCursor(cursor: string): Position {
  const [, micros, id] = FORM.exec(decode(cursor)) ?? []
  if (micros && id) return { micros, id }
  throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
    errors: [{ path: 'cursor', message: 'Give a "next_cursor" of an earlier answer.' }],
  })
}

function decode(cursor: string): string {
  try {
    return atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
