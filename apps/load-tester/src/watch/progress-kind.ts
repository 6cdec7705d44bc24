/** How the progress can be shown; `auto`: as a panel on a terminal, as lines elsewhere. */
export const progressKinds = ['auto', 'panel', 'lines', 'json', 'none'] as const

export type ProgressKind = (typeof progressKinds)[number]
