/** What the exit code says. */
export const exitCodes = {
  done: 0,
  /** Something was not there, or not confirmed, or failed: nothing was changed but what is said. */
  failed: 1,
  /** A command or an option is wrong; nothing was tried. */
  usage: 2,
  /** The database doesn't answer, or has no outbox. */
  unavailable: 69,
  /** Stopped by Ctrl-C between two steps; what was done, and how to go on, is said. As a shell has it. */
  interrupted: 130,
} as const
