const KINDS = ['users', 'identities', 'plugin_keys', 'api_keys', 'usage_rows'] as const
export type Kind = (typeof KINDS)[number]

/** So many of one reason are named. */
const NAMED = 5

/** What an import has taken, or would take, and what it leaves and why. */
export class Report {
  readonly #taken = new Map<Kind, number>()
  readonly #known = new Map<Kind, number>()
  readonly #left = new Map<string, string[]>()

  take(kind: Kind, count = 1): void {
    this.#taken.set(kind, (this.#taken.get(kind) ?? 0) + count)
  }

  know(kind: Kind, count = 1): void {
    this.#known.set(kind, (this.#known.get(kind) ?? 0) + count)
  }

  /** @param what names it without a secret */
  leave(kind: Kind, reason: string, what: string): void {
    const title = `${kind}: ${reason}`
    const list = this.#left.get(title) ?? []
    list.push(what)
    this.#left.set(title, list)
  }

  lines(isDryRun: boolean): string[] {
    const verb = isDryRun ? 'would be taken' : 'taken'
    return [
      ...KINDS.map(
        (kind) =>
          `${kind}: ${this.#taken.get(kind) ?? 0} ${verb}, ${this.#known.get(kind) ?? 0} here already`,
      ),
      ...[...this.#left].map(([title, list]) => {
        const more = list.length > NAMED ? `, and ${list.length - NAMED} more` : ''
        return `Left out, ${title}: ${list.length} (${list.slice(0, NAMED).join(', ')}${more})`
      }),
    ]
  }
}
