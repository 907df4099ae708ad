import type { ComponentChildren, JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { asFailure, type Failure } from '../lib/failure.ts'
import { Problem } from './feedback.tsx'

interface FieldProps extends Omit<JSX.IntrinsicElements['input'], 'label' | 'onInput'> {
  label: string
  hint?: ComponentChildren
  /** What is wrong with what stands there. */
  wrong?: string | null | undefined
  onInput?: (value: string) => void
}

/** A labelled input; what is wrong with it is told to readers as well. */
export function Field({ label, hint, wrong, onInput, ...input }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...(input as JSX.IntrinsicElements['input'])}
        id={id}
        aria-invalid={wrong ? 'true' : undefined}
        aria-describedby={hint || wrong ? `${id}-more` : undefined}
        onInput={(event) => onInput?.(event.currentTarget.value)}
      />
      {(hint || wrong) && (
        <div id={`${id}-more`} class={wrong ? 'wrong' : 'hint'}>
          {wrong || hint}
        </div>
      )}
    </div>
  )
}

interface ChoiceProps<Value extends string> {
  label: string
  value: Value
  options: readonly (readonly [value: Value, label: string])[]
  onChange: (value: Value) => void
  /** The label is for readers alone. */
  isBare?: boolean
}

export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const id = useId()
  const { label, value, options, onChange, isBare } = props
  return (
    <div class="field">
      <label for={id} class={isBare ? 'hidden-visually' : ''}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as Value)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

interface CheckProps {
  label: ComponentChildren
  checked: boolean
  onChange: (isChecked: boolean) => void
  disabled?: boolean
}

export function Check({ label, checked, onChange, disabled }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  )
}

/** Something that is done at the server: whether it is under way, and how it failed. */
export interface Work<Arguments extends unknown[]> {
  isBusy: boolean
  failure: Failure | null
  /** @returns whether it succeeded */
  start(...args: Arguments): Promise<boolean>
  clear(): void
}

export function useWork<Arguments extends unknown[]>(
  work: (...args: Arguments) => Promise<unknown>,
): Work<Arguments> {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  return {
    isBusy,
    failure,
    clear: () => setFailure(null),
    async start(...args) {
      if (isBusy) return false
      setBusy(true)
      setFailure(null)
      try {
        await work(...args)
        return true
      } catch (error) {
        setFailure(asFailure(error))
        return false
      } finally {
        setBusy(false)
      }
    },
  }
}

interface FormProps {
  work: Work<[]>
  children: ComponentChildren
  submit: string
  /** Names of fields that say themselves what is wrong with them. */
  fields?: readonly string[]
  beside?: ComponentChildren
  isBlock?: boolean
  isDisabled?: boolean
}

/** Fields and the button that sends them. What was typed stays whatever happens. */
export function Form({
  work,
  children,
  submit,
  fields = [],
  beside,
  isBlock,
  isDisabled,
}: FormProps) {
  const { failure } = work
  const saysAll =
    failure !== null &&
    Object.keys(failure.fields).length > 0 &&
    Object.keys(failure.fields).every((name) => fields.includes(name))
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void work.start()
      }}
    >
      {children}
      {failure && !saysAll && <Problem failure={failure} />}
      <div class={isBlock ? 'stack' : 'row end'}>
        {beside}
        <button
          type="submit"
          class={`button primary ${isBlock ? 'block' : ''}`}
          aria-busy={work.isBusy}
          disabled={isDisabled}
        >
          {submit}
        </button>
      </div>
    </form>
  )
}
