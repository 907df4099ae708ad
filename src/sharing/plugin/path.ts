import { AppError } from '../../errors.ts'

/** Segments that every URL parser takes for "here" and "one up", encoded or not. */
const DOTS = new Set(['', '.', '..'])

/**
 * A path of the plug-in, with every value in it as exactly one segment.
 *
 * @throws {AppError} `not_found` for a value that no path can carry
 */
export function pluginPath(texts: TemplateStringsArray, ...values: string[]): string {
  return texts.reduce((path, text, index) => path + segment(values[index - 1] ?? '') + text)
}

function segment(value: string): string {
  if (DOTS.has(value) || !value.isWellFormed())
    throw new AppError('not_found', 'There is nothing of this name at the AI service.')
  return encodeURIComponent(value)
}
