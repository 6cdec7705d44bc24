/** A message on its way to one partition of a topic. */
export type OutgoingMessage = {
  topic: string
  partition: number
  key: string | Uint8Array | null
  value: Uint8Array | null
  headers: Record<string, string>
}

export type RequestLimits = {
  /** bytes of a request, over all partitions */
  maxRequestBytes: number
  /** bytes of one partition's batch in a request */
  maxBatchBytes: number
  /** messages of one partition's batch in a request */
  maxBatchMessages: number
}

type Batch = { topic: string; partition: number; bytes: number; count: number }

/** `messages` from one index up to `end`, as one request, and the batches that it consists of. */
export type ProduceRequest = { end: number; batches: Batch[]; byTopic: Map<string, EncodableMessage[]> }

/** kafkajs takes any bytes that aren't a Buffer for something to be made a string of. */
type EncodableMessage = OutgoingMessage & { key: string | Buffer | null; value: Buffer | null }

/**
 * Cuts the next request off `messages`: a run of neighbours, so that when it is confirmed everything before its end is.
 * It holds at least one message, however large.
 */
export function cutRequest(
  messages: readonly OutgoingMessage[],
  { from, to }: { from: number; to: number },
  limits: RequestLimits,
): ProduceRequest {
  const request: ProduceRequest = { end: from, batches: [], byTopic: new Map() }
  const batches = new Map<string, Batch[]>()
  let requestBytes = 0
  while (request.end < to) {
    const message = messages[request.end] as OutgoingMessage
    const batch = batchOf(message, batches)
    const bytes = recordBytes(message)
    const full =
      requestBytes + bytes > limits.maxRequestBytes ||
      batch.bytes + bytes > limits.maxBatchBytes ||
      batch.count >= limits.maxBatchMessages
    if (full && request.end > from) break
    if (batch.count === 0) request.batches.push(batch)
    batch.count += 1
    batch.bytes += bytes
    requestBytes += bytes
    const sameTopic = request.byTopic.get(message.topic)
    if (sameTopic === undefined) request.byTopic.set(message.topic, [encodable(message)])
    else sameTopic.push(encodable(message))
    request.end += 1
  }
  return request
}

function batchOf({ topic, partition }: OutgoingMessage, batches: Map<string, Batch[]>): Batch {
  let ofTopic = batches.get(topic)
  if (ofTopic === undefined) {
    ofTopic = []
    batches.set(topic, ofTopic)
  }
  let batch = ofTopic[partition]
  if (batch === undefined) {
    batch = { topic, partition, bytes: 61, count: 0 }
    ofTopic[partition] = batch
  }
  return batch
}

function encodable(message: OutgoingMessage): EncodableMessage {
  const { key, value } = message
  if (isEncodable(key) && isEncodable(value)) return message as EncodableMessage
  return { ...message, key: typeof key === 'string' ? key : toBuffer(key), value: toBuffer(value) }
}

function isEncodable(bytes: string | Uint8Array | null): boolean {
  return bytes === null || typeof bytes === 'string' || Buffer.isBuffer(bytes)
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Roughly what a message takes in a batch. Strings count as ASCII, which is cheap to know: a batch that turns out larger
 * than its limit is refused by Kafka and split.
 */
function recordBytes({ key, value, headers }: OutgoingMessage): number {
  let bytes = 20 + (key?.length ?? 0) + (value?.length ?? 0)
  for (const name in headers) bytes += 4 + name.length + (headers[name]?.length ?? 0)
  return bytes
}
