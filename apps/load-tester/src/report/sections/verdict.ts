import { counted } from '../numbers.ts'
import type { Report } from '../report.ts'
import { replayedIn } from './group-section.ts'

/** The verdict in a word or two, and the sentences that give the reasons for it. */
export function verdictOf({ verdict, reasons, groups, totals }: Report): { word: string; sentences: string[] } {
  const replayed = replayedIn(groups)
  const aside = replayed === 0 ? '' : `, ${counted(replayed, 'replayed effect')} left aside`
  const proof = `${counted(totals.sent, 'message')} took effect exactly once in each of ${counted(groups.length, 'group')}, in the order of their keys${aside}.`
  const proved = verdict === 'passed' || verdict === 'threshold-missed'
  return { word: verdict.replace('-', ' ').toUpperCase(), sentences: [...(proved ? [proof] : []), ...reasons] }
}
