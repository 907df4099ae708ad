/** The arrows of the architecture: features → platform, db, context; a feature only through its index. */
module.exports = {
  forbidden: [
    {
      name: 'feature-only-through-its-index',
      comment: 'A feature is reached through its index.ts alone.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/([^/]+)/', pathNot: ['^src/features/$1/', '/index\\.ts$'] },
    },
    {
      name: 'feature-from-outside-only-through-its-index',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/features/' },
      to: { path: '^src/features/[^/]+/', pathNot: '/index\\.ts$' },
    },
    {
      name: 'platform-knows-no-feature',
      severity: 'error',
      from: { path: '^src/(platform|db)/' },
      to: { path: '^src/(features|jobs|middleware)/' },
    },
    {
      name: 'sql-only-in-queries',
      comment: 'SQL stands in queries.ts files and in the schema.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/db/', 'queries\\.ts$'] },
      to: { path: '^node_modules/drizzle-orm' },
    },
    {
      name: 'nobody-depends-on-the-gateway',
      severity: 'error',
      from: { path: '^src/features/', pathNot: '^src/features/gateway/' },
      to: { path: '^src/features/gateway/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
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
      from: { orphan: true, path: '^src/', pathNot: '(worker|neon|migrator|\\.d)\\.ts$|/assets/' },
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
