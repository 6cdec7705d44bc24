import * as kafka from '@outbox/kafka/publisher'

/** As the real one, but stands still for good in window PAUSE_IN_WINDOW, before or after it is published. */
export function createPublisher(...options: Parameters<typeof kafka.createPublisher>): kafka.Publisher {
  const publisher = kafka.createPublisher(...options)
  const pauseBefore = process.env.PAUSE_AT === 'before publishing'
  let windows = 0
  return {
    ...publisher,
    async publish(messages) {
      windows += 1
      const isGap = windows === Number(process.env.PAUSE_IN_WINDOW)
      if (isGap && pauseBefore) await standStill()
      const refusal = await publisher.publish(messages)
      if (isGap) await standStill()
      return refusal
    },
  }
}

function standStill(): Promise<never> {
  process.stdout.write('paused at the gap\n')
  return new Promise(() => {})
}
