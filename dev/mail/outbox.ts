/** One mail that the Worker sent. */
export interface KeptMail {
  id: number
  at: string
  from: string
  to: string[]
  subject: string
  text: string
  html: string
}

const MAX_KEPT = 500

/** The mails of this run, newest first; the oldest are forgotten. */
export class Outbox {
  #mails: KeptMail[] = []
  #nextId = 1
  readonly #seen = new Map<string, number>()

  /**
   * Keeps a mail.
   *
   * @param idempotencyKey a second mail with the same one is not kept
   */
  add(mail: Omit<KeptMail, 'id' | 'at'>, idempotencyKey: string | undefined): number {
    const known = idempotencyKey === undefined ? undefined : this.#seen.get(idempotencyKey)
    if (known !== undefined) return known
    const id = this.#nextId++
    if (idempotencyKey !== undefined) this.#seen.set(idempotencyKey, id)
    this.#mails = [{ id, at: new Date().toISOString(), ...mail }, ...this.#mails].slice(0, MAX_KEPT)
    return id
  }

  /** @param to only mails to this address */
  list(to?: string | null): KeptMail[] {
    return to ? this.#mails.filter((mail) => mail.to.includes(to)) : this.#mails
  }

  find(id: number): KeptMail | undefined {
    return this.#mails.find((mail) => mail.id === id)
  }

  clear(): void {
    this.#mails = []
  }
}
