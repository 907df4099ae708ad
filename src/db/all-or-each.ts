import { isDatabaseOutage } from './errors.ts'

/**
 * Writes all at once; if one of them is refused, one by one, so that it holds nobody else back.
 *
 * @param onRefused hears of what the database does not take
 * @returns how many were written
 * @throws when the database cannot be reached
 */
export async function allOrEach<Item>(
  items: readonly Item[],
  write: (items: readonly Item[]) => Promise<void>,
  onRefused: (item: Item, error: unknown) => void,
): Promise<number> {
  try {
    await write(items)
    return items.length
  } catch (error) {
    if (isDatabaseOutage(error)) throw error
  }
  let written = 0
  for (const item of items) {
    try {
      await write([item])
      written++
    } catch (error) {
      if (isDatabaseOutage(error)) throw error
      onRefused(item, error)
    }
  }
  return written
}
