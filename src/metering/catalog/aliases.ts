import type { Face } from '../../db/schema/index.ts'
import { type Catalog, type CatalogCtx, readCatalog } from './catalog.ts'

/** Ends a name that means all that begin so. */
const REST = '*'

/**
 * The model that a client means by a name: what the operator has said of the name itself, else of
 * the longest beginning of it. An alias of an alias is not followed.
 *
 * @returns the name itself where it is no alias, or the alias is disabled
 */
export async function meantModel(
  ctx: CatalogCtx,
  name: string,
  face: Exclude<Face, 'any'>,
): Promise<string> {
  const catalog = await readCatalog(ctx)
  const alias = catalog.get(name) ?? wildcardFor(catalog, name)
  if (!alias?.isEnabled) return name
  return alias.standsFor?.[face] ?? alias.standsFor?.any ?? name
}

/** Aliases by name with what they stand for at any of the faces; those for many names are not among them. */
export async function listedAliases(
  ctx: CatalogCtx,
  faces: readonly Exclude<Face, 'any'>[],
): Promise<{ name: string; model: string }[]> {
  const catalog = await readCatalog(ctx)
  return [...catalog.values()].flatMap(({ id, isEnabled, standsFor }) => {
    if (!isEnabled || !standsFor || id.endsWith(REST)) return []
    const model = faces.map((face) => standsFor[face]).find(Boolean) ?? standsFor.any
    return model === undefined || model === id ? [] : [{ name: id, model }]
  })
}

function wildcardFor(catalog: Catalog, name: string) {
  let best: ReturnType<Catalog['get']>
  for (const row of catalog.values()) {
    const isIt = row.id.endsWith(REST) && name.startsWith(row.id.slice(0, -REST.length))
    if (isIt && row.id.length > (best?.id.length ?? 0)) best = row
  }
  return best
}
