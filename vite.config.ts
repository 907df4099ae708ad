import { join } from 'node:path'
import { defineConfig } from 'vite'

/** The console: static files that the Worker's assets serve, apart from everything that the Worker runs. */
export default defineConfig({
  root: join(import.meta.dirname, 'src/console'),
  build: {
    outDir: join(import.meta.dirname, 'dist/assets'),
    // Other files of the Worker lie there as well.
    emptyOutDir: false,
    assetsDir: 'static',
    target: 'es2023',
    // What the policy of the pages allows: files, and no `data:` scripts, styles or fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Says on a busy machine that plug-ins take time.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  logLevel: 'warn',
})
