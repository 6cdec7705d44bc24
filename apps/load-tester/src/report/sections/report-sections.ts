import type { Report } from '../report.ts'
import { clockSection, clocksMatter } from './clock-section.ts'
import { faultSection } from './fault-section.ts'
import { finalStatistics } from './final-statistics.ts'
import { findingSection } from './finding-section.ts'
import { groupSection } from './group-section.ts'
import { latencySection } from './latency-section.ts'
import { producerSection } from './producer-section.ts'
import type { ReportSection } from './report-section.ts'
import { resourceSection } from './resource-section.ts'
import { thresholdSection } from './threshold-section.ts'

/** Those that a report has in any case, and those for which something was measured or asked. */
export function reportSections(report: Report): ReportSection[] {
  const findings = findingSection(report)
  const resources = resourceSection(report)
  const { faults, thresholds } = report
  return [
    finalStatistics(report),
    producerSection(report),
    latencySection(report),
    groupSection(report),
    ...(findings.blocks.length > 0 ? [findings] : []),
    ...(faults.length > 0 ? [faultSection(report)] : []),
    ...(resources === undefined ? [] : [resources]),
    ...(clocksMatter(report) ? [clockSection(report)] : []),
    ...(thresholds.length > 0 ? [thresholdSection(report)] : []),
  ]
}
