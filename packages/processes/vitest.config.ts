// By its path: the package depends on this one.
import { serviceTests } from '../local-stack/src/vitest-config.ts'

export default serviceTests()
