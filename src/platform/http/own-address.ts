/** Our address as others know it, without a slash at its end. @param url what is being asked for, where nobody has configured the address */
export function ownAddress(
  { PUBLIC_URL }: { PUBLIC_URL: string | undefined },
  url: string,
): string {
  return PUBLIC_URL ?? new URL(url).origin
}
