/** What the exit code says. */
export const exitCodes = {
  passed: 0,
  /** Effects were lost, duplicated, reordered or corrupt, or sends failed; or the tester itself did. */
  failed: 1,
  usage: 2,
  'threshold-missed': 3,
  nothingToSendTo: 4,
  /** As a shell has it for Ctrl-C. */
  interrupted: 130,
} as const
