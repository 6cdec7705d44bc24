import { type Finding, ok, warning } from './finding.ts'

/** compose.yaml's default, which anybody knows: its user's name. */
export function checkPassword(databaseUrl: string): Finding[] {
  const { username, password } = new URL(databaseUrl)
  if (password !== username || password === '') return [ok('password', 'the password is not the default one')]
  const found = `the password of ${username} is its name, as compose.yaml has it by default: fit for this machine alone`
  return [warning('password', found, `alter user ${username} password '…', and POSTGRES_PASSWORD in .env`)]
}
