import type { RunSample } from './run-sample.ts'

/** Shows how a run goes, on standard error: a panel, plain lines or NDJSON. */
export type RunDisplay = {
  /** Called about once a second. */
  show(sample: RunSample): void
  /** Says something that is to stay. */
  note(text: string): void
  /** Ends the display; what stays is left as whole lines. */
  end(): void
}
