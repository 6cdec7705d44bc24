import { cutRequest, type OutgoingMessage, type ProduceRequest, type RequestLimits } from './produce-request.ts'

/** Why Kafka refuses a message for good: Kafka's code, such as `MESSAGE_TOO_LARGE`, and its words. */
export type Fault = { code: string; reason: string }

/** `messages[index]` was refused for good. All before it are confirmed; some behind it may be in the topic. */
export type Refusal = Fault & { index: number }

/**
 * Sends `messages` in requests, each only after the one before is confirmed. A refused request is halved, the first half
 * sent first, until the message at fault stands alone.
 * @param limits asked before each request: they may change with what is refused
 * @param send resolves undefined when the whole request is confirmed, else with what Kafka holds against it
 * @returns the first message that is refused, if any
 */
export async function confirmInOrder(
  messages: readonly OutgoingMessage[],
  limits: () => RequestLimits,
  send: (request: ProduceRequest) => Promise<Fault | undefined>,
): Promise<Refusal | undefined> {
  async function confirm(from: number, to: number): Promise<Refusal | undefined> {
    for (let at = from; at < to; ) {
      const request = cutRequest(messages, { from: at, to }, limits())
      const fault = await send(request)
      if (fault !== undefined) {
        if (request.end - at === 1) return { index: at, ...fault }
        const middle = at + ((request.end - at) >> 1)
        const refusal = (await confirm(at, middle)) ?? (await confirm(middle, request.end))
        if (refusal !== undefined) return refusal
      }
      at = request.end
    }
    return undefined
  }
  return confirm(0, messages.length)
}
