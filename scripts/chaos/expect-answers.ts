const ANSWER_MS = 10_000

/** A message sent to some producer now is answered 202. */
export async function expectAccepted(producers: readonly string[]): Promise<void> {
  const answers = await Promise.all(producers.map(send))
  if (answers.some(({ status }) => status === 202)) return
  throw new Error(`expected a 202, got ${answers.map(({ status }) => status).join(', ')}`)
}

/** A message sent to any producer now is answered 503 with Retry-After. */
export async function expectUnavailable(producers: readonly string[]): Promise<void> {
  for (const { status, headers } of await Promise.all(producers.map(send))) {
    if (status === 503 && Number(headers.get('retry-after')) > 0) continue
    throw new Error(`expected a 503 with Retry-After, got ${status} (Retry-After: ${headers.get('retry-after')})`)
  }
}

async function send(producer: string): Promise<Response> {
  return await fetch(`${producer}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ key: 'during a fault', payload: 'one' }] }),
    signal: AbortSignal.timeout(ANSWER_MS),
  })
}
