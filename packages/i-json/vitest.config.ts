import { serviceTests } from '@outbox/local-stack/vitest-config'

export default serviceTests()
