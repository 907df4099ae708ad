/**
 * The districts, lowest first: each knows those before it and none after it. What stands outside them
 * (`worker.ts`, what it imports, `services.ts`, `middleware/`) puts them together and may know all.
 */
const DISTRICTS = [
  'notices',
  'credentials',
  'metering',
  'sharing',
  'identity',
  'gateway',
  'operations',
]
const ANY_DISTRICT = `(?:${DISTRICTS.join('|')})`
/** A room is a folder of a district; the gateway is one room. */
const ROOM = `^src/(gateway|(?:${DISTRICTS.filter((name) => name !== 'gateway').join('|')})/[^/]+)/`

/** The arrows of the architecture (docs/architecture.md). */
module.exports = {
  forbidden: [
    ...DISTRICTS.slice(0, -1).map((name, index) => ({
      name: `${name}-knows-no-district-above`,
      comment: 'Districts know only those below them: docs/adr/0015-districts.md.',
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: { path: `^src/(?:${DISTRICTS.slice(index + 1).join('|')})/` },
    })),
    {
      name: 'room-only-through-its-index',
      comment: 'A room is reached through its index.ts alone.',
      severity: 'error',
      from: { path: ROOM },
      to: { path: ROOM, pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'room-from-outside-only-through-its-index',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${ANY_DISTRICT}/` },
      to: { path: ROOM, pathNot: '/index\\.ts$' },
    },
    {
      name: 'foundation-knows-no-district',
      comment:
        'What all districts stand on, the ports and the context among it, knows none of them.',
      severity: 'error',
      from: {
        path: '^src/(?:(?:platform|db|config|ports)/|(?:app-env|config|context|errors|error-forms|permissions|scopes)\\.ts$)',
      },
      to: { path: `^src/(${ANY_DISTRICT}|middleware)/` },
    },
    {
      name: 'only-the-top-knows-what-puts-things-together',
      comment:
        'What stands behind a port is known to services.ts alone; everybody else asks the context.',
      severity: 'error',
      from: {
        path: `^src/(?:${ANY_DISTRICT}|platform|db|config|ports)/|^src/[^/]+\\.ts$`,
        pathNot: '^src/(?:(?:base|gateway|provider|site)-app|cron|worker)\\.ts$',
      },
      to: { path: '^src/(?:services|(?:base|gateway|provider|site)-app|cron|worker)\\.ts$' },
    },
    {
      name: 'districts-know-no-middleware',
      severity: 'error',
      from: { path: `^src/${ANY_DISTRICT}/` },
      to: { path: '^src/middleware/' },
    },
    {
      name: 'sql-only-in-queries',
      comment: 'SQL stands in queries.ts files and in the schema.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/db/', 'queries\\.ts$'] },
      to: { path: '^node_modules/drizzle-orm' },
    },
    {
      name: 'worker-knows-no-console',
      comment: 'The console is files; nothing of it may be in what the Worker runs.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/console/' },
      to: { path: '^src/console/' },
    },
    {
      name: 'console-knows-the-api-alone',
      comment: 'But for the rules of passwords, which are shown while one types.',
      severity: 'error',
      from: { path: '^src/console/' },
      to: { path: '^src/', pathNot: ['^src/console/', '^src/credentials/password-policy/'] },
    },
    {
      name: 'no-circles',
      comment: 'Of types neither: whoever goes round in one has to read all of it.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-node-in-the-worker',
      comment: 'But for what the flags in wrangler.toml bring.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?async_hooks$' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: '(worker|neon|migrator|\\.d)\\.ts$|/assets/|^src/console/',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['workerd', 'import', 'types', 'default'],
    },
  },
}
