import type { FieldError } from '@outbox/service/problem'
import { invalidRequest, tooLarge } from './problems.ts'

const mostErrors = 20

/** Collects what is wrong with a request, so that its sender can mend it all at once. */
export class RequestErrors {
  readonly #errors: FieldError[] = []
  #onlyTooLarge = true
  #count = 0

  /** @param path a JSON Pointer into the body */
  add(path: string, message: string): void {
    this.#onlyTooLarge = false
    this.#push({ path, message })
  }

  /** For what would be right if it were smaller. */
  addTooLarge(path: string, message: string): void {
    this.#push({ path, message })
  }

  /** @throws {Problem} 413 when everything is only too large, 400 otherwise */
  throwIfAny(): void {
    const [first] = this.#errors
    if (first === undefined) return
    const others = this.#count === 1 ? '' : ` (and ${this.#count - 1} more)`
    throw (this.#onlyTooLarge ? tooLarge : invalidRequest)(`${first.path} ${first.message}${others}`, this.#errors)
  }

  #push(error: FieldError): void {
    this.#count += 1
    if (this.#errors.length < mostErrors) this.#errors.push(error)
  }
}
