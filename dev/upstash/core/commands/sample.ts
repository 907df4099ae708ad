/** Random picks, for HRANDFIELD, SRANDMEMBER and SPOP. */

/** `count` different elements, or all if there are not as many. */
export function sampleDistinct(all: string[], count: number, random: () => number): string[] {
  const rest = [...all]
  const wanted = Math.min(count, rest.length)
  for (let i = 0; i < wanted; i += 1) {
    const other = i + Math.floor(random() * (rest.length - i))
    const picked = rest[other]!
    rest[other] = rest[i]!
    rest[i] = picked
  }
  return rest.slice(0, wanted)
}

/** `count` elements, each drawn from all. */
export function sampleWithRepeats(all: string[], count: number, random: () => number): string[] {
  if (!all.length) return []
  return Array.from({ length: count }, () => all[Math.floor(random() * all.length)]!)
}
