/** A piece of HTML that may stand in a page as it is. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | readonly Value[]

/** HTML around values; whatever isn't `Markup` itself is escaped, for text as for a quoted attribute. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(parts.map((part, index) => part + (index < values.length ? written(values[index]) : '')).join(''))
}

function written(value: Value | undefined): string {
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(written).join('')
  return String(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Data for a `<script type="application/json">`: no `<` in it can end the element or begin another. */
export function jsonData(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'))
}
