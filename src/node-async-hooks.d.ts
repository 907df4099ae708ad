/** What the flag `nodejs_als` brings, and no more; the types of Node.js would bring all of it. */
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<Store> {
    run<Result>(store: Store, work: () => Result): Result
    getStore(): Store | undefined
  }
}
