import { jsonPointer } from '@outbox/i-json/json-pointer'
import type { FieldError } from '@outbox/service/problem'
import { invalidRequest, tooLarge } from './problems.ts'

const mostErrors = 20

/** Where in the body something is: the steps of a JSON Pointer. */
export type BodyPath = readonly (string | number)[]

/** Collects what is wrong with a request, so that its sender can mend it all at once. */
export class RequestErrors {
  readonly #errors: FieldError[] = []
  #onlyTooLarge = true
  #count = 0

  add(path: BodyPath, message: string): void {
    this.#onlyTooLarge = false
    this.#push(path, message)
  }

  /** For what would be right if it were smaller. */
  addTooLarge(path: BodyPath, message: string): void {
    this.#push(path, message)
  }

  /** @throws {Problem} 413 when everything is only too large, 400 otherwise */
  throwIfAny(): void {
    const [first] = this.#errors
    if (first === undefined) return
    const others = this.#count === 1 ? '' : ` (and ${this.#count - 1} more)`
    throw (this.#onlyTooLarge ? tooLarge : invalidRequest)(`${first.path} ${first.message}${others}`, this.#errors)
  }

  #push(path: BodyPath, message: string): void {
    this.#count += 1
    if (this.#errors.length < mostErrors) this.#errors.push({ path: jsonPointer(path), message })
  }
}
