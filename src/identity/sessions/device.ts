/** Looked for in this order: most browsers name their ancestors, too. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?(iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^(python-|httpx|aiohttp)/, 'Python'],
  [/^(node|undici|axios)/i, 'Node.js'],
]

const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** What people recognise a device by, such as "Firefox on Windows"; a hint, never a fact. */
export function describeDevice(userAgent: string | null): string {
  const nameIn = (table: [RegExp, string][]) =>
    table.find(([pattern]) => userAgent && pattern.test(userAgent))?.[1]
  const parts = [nameIn(BROWSERS), nameIn(SYSTEMS)].filter((part) => part !== undefined)
  return parts.join(' on ') || 'Unknown device'
}
