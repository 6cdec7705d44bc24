/** The order that a program was started with; its process ends when whoever started it does. */
export function takeOrder<Order>(): Order {
  process.once('disconnect', () => process.exit(1))
  return JSON.parse(process.argv[2] ?? '') as Order
}

/** Says something to whoever started this program. */
export async function say(message: object): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
