import { expect, test } from 'vitest'
import { checkPassword } from '../src/doctor/check-password.ts'
import { type ServerFacts, serverFindings } from '../src/doctor/check-server.ts'
import { topicFindings } from '../src/doctor/topic-findings.ts'

const good: ServerFacts = {
  database: 'outbox',
  version: 180_004,
  versionText: '18.4',
  isReplica: false,
  fsync: true,
  fullPageWrites: true,
  autovacuum: true,
  synchronousCommit: 'on',
  idleInTransactionMs: 60_000,
  readOnly: false,
  preparedMax: 0,
}

const levels = (facts: Partial<ServerFacts>) =>
  serverFindings({ ...good, ...facts })
    .filter(({ level }) => level !== 'ok')
    .map(({ check, level }) => [check, level])

// What no test can make of a server that others use as well.
test.each<[Partial<ServerFacts>, string[][]]>([
  [{}, []],
  [{ version: 150_000 }, []],
  [{ version: 140_011, versionText: '14.11' }, [['postgresql', 'wrong']]],
  [{ isReplica: true }, [['primary', 'wrong']]],
  [{ fsync: false }, [['durability', 'wrong']]],
  [{ fullPageWrites: false }, [['durability', 'wrong']]],
  [{ autovacuum: false }, [['autovacuum', 'warning']]],
  [{ synchronousCommit: 'remote_apply', preparedMax: 20 }, []],
])('a server with %o', (facts, found) => {
  expect(levels(facts)).toEqual(found)
})

test.each([
  [{ replicas: 3, minInSyncReplicas: 2 }, 'ok'],
  [{ replicas: 3, minInSyncReplicas: 1 }, 'warning'],
  [{ replicas: 1, minInSyncReplicas: 1 }, 'warning'],
  [{ replicas: 2, minInSyncReplicas: 3 }, 'wrong'],
])('a topic with %o', (replicas, level) => {
  const found = { partitions: 6, cleanupPolicy: 'delete', maxMessageBytes: 1_048_588, ...replicas }
  const findings = topicFindings({ topic: 'shared-events', logged: 6, found })
  expect(findings.find(({ check }) => check === 'topic-replicas')).toMatchObject({ level })
  expect(findings.filter(({ check }) => check !== 'topic-replicas').every((finding) => finding.level === 'ok')).toBe(
    true,
  )
})

test.each([
  ['postgres://outbox:outbox@127.0.0.1:5432/outbox', 'warning'],
  ['postgres://outbox:s3cret@127.0.0.1:5432/outbox', 'ok'],
  ['postgres://outbox@127.0.0.1:5432/outbox', 'ok'],
])('the password of %s: %s', (url, level) => {
  expect(checkPassword(url).map((finding) => finding.level)).toEqual([level])
})
