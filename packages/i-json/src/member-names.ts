/** The names of one object's members so far. Most objects are small: their names are compared one by one. */
export class MemberNames {
  readonly #few: string[] = []
  #many: Set<string> | undefined

  /** @returns false when the name was there already */
  add(name: string): boolean {
    if (this.#many === undefined) {
      if (this.#few.includes(name)) return false
      if (this.#few.push(name) > fewAtMost) this.#many = new Set(this.#few)
      return true
    }
    const before = this.#many.size
    return this.#many.add(name).size > before
  }
}

const fewAtMost = 8
