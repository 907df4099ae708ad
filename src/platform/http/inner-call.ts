/** Requests that we make of ourselves on behalf of one from outside, with the path that its credential was shown at. */
const shownAt = new WeakMap<Request, string>()

/** @param path where the credential of this request was shown, and taken */
export function markInner(request: Request, path: string): Request {
  shownAt.set(request, path)
  return request
}

/** Where the credential of a request was shown. */
export function pathShownAt(request: Request, path: string): string {
  return shownAt.get(request) ?? path
}
