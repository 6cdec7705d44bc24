import { expect, test } from 'vitest'
import { helpText } from '../src/command-line/help-text.ts'
import { type KnownOption, knownOptions } from '../src/command-line/known-options.ts'
import { parseCommandLine } from '../src/command-line/parse-command-line.ts'
import { UsageError } from '../src/command-line/usage-error.ts'

const settings = {
  producers: undefined,
  consumers: undefined,
  databaseUrl: undefined,
  runId: undefined,
  auditTimeoutMs: 120_000,
  thresholds: [],
  json: undefined,
  faults: [],
  progress: 'auto',
  html: undefined,
  verbose: false,
}
const quick = { messages: 100, batchSize: 10, concurrency: 5, topic: 'shared-events', keys: 1_000, payloadBytes: 256 }

test('without a word it is the quick scenario', () => {
  expect(parseCommandLine([])).toEqual({ kind: 'run', scenario: 'quick', options: quick, settings })
})

test('options override the parts of a scenario, wherever they stand', () => {
  const line =
    '--messages 5000 large --batch-size=200 --concurrency 3 --topic t.1 --keys 7 --payload-bytes 64 --verbose --json r.json --html r.html ' +
    '--run-id mine --audit-timeout 9 --consumers http://c:1 --producers http://a:1,http://b:2/ --database-url postgres://u:p@h/d'
  expect(parseCommandLine(line.split(' '))).toEqual({
    kind: 'run',
    scenario: 'large',
    options: { messages: 5_000, batchSize: 200, concurrency: 3, topic: 't.1', keys: 7, payloadBytes: 64 },
    settings: {
      producers: ['http://a:1', 'http://b:2'],
      consumers: ['http://c:1'],
      databaseUrl: 'postgres://u:p@h/d',
      runId: 'mine',
      auditTimeoutMs: 9_000,
      thresholds: [],
      json: 'r.json',
      faults: [],
      progress: 'auto',
      html: 'r.html',
      verbose: true,
    },
  })
})

test('thresholds are kept in their order, for an audit as well', () => {
  const thresholds = [
    { expression: 'lost==0', metric: 'lost', operator: '==', limit: 0 },
    { expression: 'endToEnd.p99<=250.5', metric: 'endToEnd.p99', operator: '<=', limit: 250.5 },
  ]
  const given = ['--threshold', 'lost==0', '--threshold=endToEnd.p99<=250.5']
  expect(parseCommandLine(given)).toMatchObject({ settings: { thresholds } })
  expect(parseCommandLine(['audit', 'run-1', ...given])).toMatchObject({ settings: { thresholds } })
})

test('a rate is a timetable, with as many requests in flight as 10 s of it take', () => {
  const parse = (line: string) => parseCommandLine(line.split(' '))
  const stage = (durationMs: number, fromPerSecond: number, toPerSecond: number) => ({
    durationMs,
    fromPerSecond,
    toPerSecond,
  })
  expect(parse('--rate 50')).toMatchObject({
    options: { messages: 100, stages: [stage(2_000, 50, 50)], concurrency: 10 },
  })
  expect(parse('medium --rate 100 --duration 60')).toMatchObject({
    options: { messages: 6_000, batchSize: 100, stages: [stage(60_000, 100, 100)], concurrency: 10 },
  })
  expect(parse('--stages 10s:1000,2m:1000-5000 --warm-up 5')).toMatchObject({
    options: {
      messages: 370_000,
      stages: [stage(10_000, 1_000, 1_000), stage(120_000, 1_000, 5_000)],
      concurrency: 1_000,
      warmUpMs: 5_000,
    },
  })
  expect(parse('--rate 5000 --duration 9 --keys 300')).toMatchObject({ options: { concurrency: 300 } })
  expect(parse('--rate 5000 --duration 9 --concurrency 7')).toMatchObject({ options: { concurrency: 7 } })
})

test('a duration alone is a closed loop that goes on so long', () => {
  expect(parseCommandLine(['--duration', '30'])).toMatchObject({
    options: { durationMs: 30_000, batchSize: 10, concurrency: 5 },
  })
})

test('keys may be skewed, and payloads of several sizes', () => {
  const parse = (line: string) => parseCommandLine(line.split(' '))
  expect(parse('--key-skew 0.99 --payload-bytes 64-1024')).toMatchObject({
    options: { keySkew: 0.99, payloadBytes: 64, payloadBytesMax: 1_024 },
  })
  expect(parse('--key-skew 0 --payload-bytes 64-64')).toEqual(parse('--payload-bytes 64'))
})

test("a scenario's batches are no larger than all the messages", () => {
  expect(parseCommandLine(['large', '--messages', '7'])).toMatchObject({ options: { messages: 7, batchSize: 7 } })
})

test('demo is two runs, audit is one that was', () => {
  expect(parseCommandLine(['demo', '--keys', '5'])).toMatchObject({
    kind: 'demo',
    quick: { messages: 100, keys: 5 },
    medium: { messages: 10_000, keys: 5 },
  })
  expect(parseCommandLine(['audit', 'run-1', '--json', 'a.json'])).toMatchObject({
    kind: 'audit',
    runId: 'run-1',
    settings: { json: 'a.json' },
  })
})

test('help names every option', () => {
  expect(parseCommandLine(['large', '-h'])).toEqual({ kind: 'help' })
  for (const name of Object.keys(knownOptions)) expect(helpText()).toContain(`--${name}`)
})

const numbers = Object.entries<KnownOption>(knownOptions).flatMap(([name, { number }]) => (number ? [name] : []))
const noNumbers = ['-1', '1e3', 'NaN', 'Infinity', '1.5', '0x10', '9007199254740993', ' 5', '５', '']

test.each(numbers)('--%s takes whole numbers in plain digits alone', (name) => {
  for (const value of noNumbers) {
    const parse = () => parseCommandLine([`--${name}=${value}`])
    expect(parse, value).toThrow(UsageError)
    expect(parse, value).toThrow(`--${name}`)
  }
})

const messagesRange = 'give a whole number from 1 to 100000000, in digits alone'
test.each([
  ['--messages 0', `--messages 0: ${messagesRange}`],
  ['--messages -1', `--messages -1: ${messagesRange}`],
  ['--messages 1e3', `--messages 1e3: ${messagesRange}`],
  ['--messages NaN', `--messages NaN: ${messagesRange}`],
  ['--messages 1.5', `--messages 1.5: ${messagesRange}`],
  ['--messages 0x10', `--messages 0x10: ${messagesRange}`],
  ['--messages 9007199254740993', `--messages 9007199254740993: ${messagesRange}`],
  ['--messages', '--messages needs a value'],
  ['--messages --verbose', '--messages needs a value'],
  ['--messages 5 --messages 6', '--messages is given twice'],
  ['--messages 5 --batch-size 10', '--batch-size 10 is more than all the 5 messages'],
  ['--concurrency 0', '--concurrency 0: give a whole number from 1 to 1000'],
  ['--concurrency 1000000', '--concurrency 1000000: give a whole number from 1 to 1000'],
  ['--rate 0', '--rate 0: give a whole number from 1 to 1000000'],
  ['--duration 86401', '--duration 86401: give a whole number from 1 to 86400'],
  ['--rate 9 --duration 9 --messages 9', '--messages contradicts --rate: --rate and --duration together say how many'],
  ['--duration 9 --messages 9', '--messages contradicts --duration: a run ends after a time or after so many messages'],
  ['--stages 1s:9 --rate 9', '--rate contradicts --stages: the stages say how many messages'],
  ['--stages 1s:9 --messages 9', '--messages contradicts --stages'],
  ['--stages 1s:9 --duration 9', '--duration contradicts --stages'],
  ['--stages 10s', '--stages 10s: give time:rate, such as 10s:1000'],
  ['--stages 1s:9,', '--stages : give time:rate'],
  ['--stages 1h:9', '--stages 1h:9: give time:rate'],
  ['--stages 0s:9', '--stages 0s:9: give time:rate'],
  ['--stages 1s:0-9', '--stages 1s:0-9: give time:rate'],
  ['--stages 1s:1000001', '--stages 1s:1000001: give time:rate'],
  ['--stages 2000m:1', '--stages 2000m:1: a stage takes at most 86400 seconds'],
  [`--stages ${Array(101).fill('1s:1').join()}`, '--stages has 101 stages: give at most 100'],
  [
    '--rate 1000000 --duration 101',
    '--rate 1000000 for 101 s: these are 101000000 messages, and 100000000 is the most',
  ],
  ['--warm-up 0', '--warm-up 0: give a whole number'],
  ['--warm-up 9 --duration 9', '--warm-up 9: the whole run takes 9 s, so nothing of it would be measured'],
  ['audit a --rate 5', '--rate contradicts the command: audit sends nothing'],
  ['--payload-bytes 31', '--payload-bytes 31: give a whole number from 32'],
  ['--payload-bytes 64-', '--payload-bytes 64-: give a whole number from 32'],
  ['--payload-bytes 64-32', '--payload-bytes 64-32: give a whole number from 32'],
  ['--payload-bytes 64-65-66', '--payload-bytes 64-65-66: give a whole number from 32'],
  ['--key-skew 3.1', '--key-skew 3.1: give a number from 0 to 3'],
  ['--key-skew -1', '--key-skew -1: give a number from 0 to 3'],
  ['--key-skew 1e0', '--key-skew 1e0: give a number from 0 to 3'],
  ['--key-skew NaN', '--key-skew NaN: give a number from 0 to 3'],
  ['--payloads nosuch.ndjson', "--payloads nosuch.ndjson can't be read: ENOENT"],
  ['--payloads nosuch.ndjson --payload-bytes 64', '--payload-bytes contradicts --payloads'],
  ['--consumers ftp://a', '--consumers ftp://a: give an http URL, such as http://127.0.0.1:5401'],
  ['audit a --key-skew 1', '--key-skew contradicts the command: audit sends nothing'],
  ['--audit-timeout 0', '--audit-timeout 0: give a whole number'],
  ['--topic a/b', '--topic a/b: a topic has'],
  ['--topic ..', '--topic ..: a topic has'],
  ['--run-id ../x', '--run-id ../x: give 1 to 64'],
  ['--producers', '--producers needs a value'],
  ['--producers=', '--producers has an empty place'],
  ['--producers http://a,,http://b', '--producers has an empty place'],
  ['--producers http://a:1,http://a:1/', '--producers names http://a:1 twice'],
  ['--producers ftp://a', '--producers ftp://a: give an http URL'],
  ['--producers a:1', '--producers a:1: give an http URL'],
  ['--producers http://a/messages', '--producers http://a/messages: give host and port alone'],
  ['--database-url mysql://u:secret@h', '--database-url: give a PostgreSQL URL'],
  ['--json=', '--json needs the name of a file'],
  ['--html=', '--html needs the name of a file'],
  ['--json r --html r', '--json and --html both name r: give two files'],
  ['--threshold', '--threshold needs a value: --threshold EXPR'],
  ['--threshold latency<5', '--threshold latency<5: latency is no metric. Known: lost'],
  ['--verbose=yes', '--verbose takes no value'],
  ['--colour', 'Unknown option --colour. Known: --messages --batch-size'],
  ['-x', 'Unknown option -x'],
  ['huge', 'Unknown scenario huge. Known: quick, medium, large, extreme, demo'],
  ['toString', 'Unknown scenario toString'],
  ['quick medium', 'One scenario at a time'],
  ['demo --run-id x', '--run-id contradicts the command: demo makes two runs'],
  ['compare', 'loadtest compare A.json B.json'],
  ['compare a.json', 'loadtest compare A.json B.json'],
  ['compare a b c', 'loadtest compare A.json B.json'],
  ['compare a b --verbose', '--verbose contradicts the command: compare reads two reports'],
  ['audit', 'loadtest audit RUN-ID'],
  ['audit a b', 'loadtest audit RUN-ID'],
  ['audit a --messages 5', '--messages contradicts the command: audit sends nothing'],
])('%s is refused by one clear message', (line, message) => {
  const parse = () => parseCommandLine(line.split(' '))
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(message)
  expect(parse).not.toThrow('secret')
})
