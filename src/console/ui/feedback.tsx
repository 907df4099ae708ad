import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { explain, type Failure } from '../lib/failure.ts'
import { span } from '../lib/format.ts'
import { common } from './words.ts'

/** What went wrong, in words, with the number under which the operator finds it. */
export function Problem({ failure }: { failure: Failure }) {
  const t = common()
  const wait = failure.retryAfterSeconds
  return (
    <div class="note bad" role="alert">
      {explain(failure)}
      {failure.status === 429 && wait !== null && <> {t.lockedFor(span(wait))}</>}
      {failure.requestId && failure.status >= 500 && (
        <div class="small muted">
          {t.requestId}: <span class="mono">{failure.requestId}</span>
        </div>
      )}
    </div>
  )
}

/** What is shown while something loads: the shape of it, and for readers a word. */
export function Loading({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton">
      <span class="hidden-visually" role="status">
        {common().loading}
      </span>
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  )
}

interface EmptyProps {
  title: string
  children?: ComponentChildren
  action?: ComponentChildren
}

/** A list that has nothing in it yet, and what to do about that. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

interface Loaded<Data> {
  data: Data | undefined
  error: Failure | null
  refetch(): unknown
  /** The first part is there; `More` says what became of the next. */
  isFetchNextPageError?: boolean
}

/**
 * The states of whatever is read: loading, failed with a way to try again, there. What was read once
 * stays when it cannot be read anew, below what went wrong.
 */
export function Load<Data>({
  from,
  lines,
  children,
}: {
  from: Loaded<Data>
  lines?: number
  children: (data: Data) => ComponentChildren
}) {
  const isThere = from.data !== undefined
  if (!isThere && !from.error) return <Loading lines={lines} />
  return (
    <>
      {from.error && !from.isFetchNextPageError && (
        <div class="stack tight failed">
          <Problem failure={from.error} />
          {!isFinal(from.error) && (
            <div>
              <button type="button" class="button small" onClick={() => from.refetch()}>
                {common().retry}
              </button>
            </div>
          )}
        </div>
      )}
      {isThere && children(from.data as Data)}
    </>
  )
}

/** What no other try changes. */
function isFinal({ status }: Failure): boolean {
  return status === 403 || status === 404
}

interface Paged {
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  error: Failure | null
  fetchNextPage(): unknown
}

/** The end of a list of which there is more: the way to it, and why it did not come. */
export function More({ of: pages }: { of: Paged }) {
  if (!pages.hasNextPage) return null
  const failure = pages.isFetchNextPageError ? pages.error : null
  return (
    <div class="stack tight">
      {failure && <Problem failure={failure} />}
      <div>
        <button
          type="button"
          class="button"
          aria-busy={pages.isFetchingNextPage}
          onClick={() => pages.fetchNextPage()}
        >
          {failure ? common().retry : common().more}
        </button>
      </div>
    </div>
  )
}

const toast = signal<string | null>(null)
let hiding: ReturnType<typeof setTimeout> | undefined

/** Says shortly that something is done. */
export function say(text: string): void {
  toast.value = text
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    toast.value = null
  }, 4_000)
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {toast.value && <div class="toast">{toast.value}</div>}
    </div>
  )
}

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
}

/** The platform's own modal dialog: Escape closes it, and the focus stays inside. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    element.current?.showModal()
  }, [])
  return (
    <dialog ref={element} aria-label={title} onClose={onClose}>
      <div class="stack">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}

interface Question {
  title: string
  /** What will happen. */
  body: ComponentChildren
  /** What the button says that does it. */
  action: string
  answer: (isSure: boolean) => void
}

const question = signal<Question | null>(null)

/** Asks once, before something that cannot be undone. */
export function confirm(asked: Omit<Question, 'answer'>): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = { ...asked, answer: resolve }
  })
}

export function Confirmation() {
  const asked = question.value
  if (!asked) return null
  const end = (isSure: boolean) => {
    question.value = null
    asked.answer(isSure)
  }
  return (
    <Dialog title={asked.title} onClose={() => end(false)}>
      <p>{asked.body}</p>
      <div class="row end">
        <button type="button" class="button" onClick={() => end(false)}>
          {common().cancel}
        </button>
        <button type="button" class="button danger" onClick={() => end(true)}>
          {asked.action}
        </button>
      </div>
    </Dialog>
  )
}
