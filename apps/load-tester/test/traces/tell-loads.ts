import { registerHooks } from 'node:module'

// By --import, before an app: tells each module that the app loads, by `import` or by `require`, on standard error.
registerHooks({
  load(url, context, nextLoad) {
    process.stderr.write(`loads ${url}\n`)
    return nextLoad(url, context)
  },
})
