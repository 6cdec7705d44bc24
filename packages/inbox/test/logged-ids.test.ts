import { expect, test } from 'vitest'
import { loggedIds } from '../src/logged-ids.ts'

test('a message is named by its id and its trace, and by nothing that only stands in their place', () => {
  const messageId = '01a219bb-bf05-7af1-b578-5c5262a0754b'
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  expect(loggedIds({ 'outbox-message-id': messageId, traceparent })).toEqual({ messageId, traceId })
  expect(loggedIds({ 'outbox-message-id': 'customer-17', traceparent: `00-${traceId}` })).toEqual({})
  expect(loggedIds({})).toEqual({})
  expect(loggedIds(undefined)).toEqual({})
})
