/** An answer other than 200 that a handler decided on. Any other exception becomes a 500 with its message. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The error that PostgreSQL raises when a text that is no UUID reaches a UUID column. */
export function invalidUuid(text: string): Refusal {
  return new Refusal(500, `invalid input syntax for type uuid: "${text}"`)
}
