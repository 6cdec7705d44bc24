/** The error at the bottom of kafkajs' wrappers, with Kafka's own name for it, such as `MESSAGE_TOO_LARGE`, if it came from a broker. */
export function rootCause(error: unknown): { error: Error; kafkaCode: string } {
  let root = error instanceof Error ? error : new Error(String(error))
  while (root.cause instanceof Error) root = root.cause
  const { type, code } = root as { type?: unknown; code?: unknown }
  const kafkaCode = [type, code, root.name].find((name) => typeof name === 'string') as string
  return { error: root, kafkaCode }
}
