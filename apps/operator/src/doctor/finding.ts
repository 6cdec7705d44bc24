/** What a check has found. `check` names it for good; `wrong`: messages are lost, stuck or refused, or will be. */
export type Finding = { check: string; found: string } & (
  | { level: 'ok' }
  | { level: 'warning' | 'wrong'; remedy: string }
)

export function ok(check: string, found: string): Finding {
  return { check, level: 'ok', found }
}

export function warning(check: string, found: string, remedy: string): Finding {
  return { check, level: 'warning', found, remedy }
}

export function wrong(check: string, found: string, remedy: string): Finding {
  return { check, level: 'wrong', found, remedy }
}
