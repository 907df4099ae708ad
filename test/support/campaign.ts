/**
 * How much of a long random campaign is run: a share of it by default, so that the tests are a matter
 * of minutes, and all of it with `CAMPAIGNS=full`, as before a change lands. A variable of the
 * campaign's own asks for any other number.
 *
 * @param variable the campaign's own, such as `MODEL_RUNS`
 */
export function campaign(
  variable: string,
  { share, full }: { share: number; full: number },
): number {
  const own = process.env[variable]
  if (own !== undefined) return Number(own)
  return process.env.CAMPAIGNS === 'full' ? full : share
}
