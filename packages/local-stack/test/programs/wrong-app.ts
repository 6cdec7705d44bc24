// Ends as an app with a wrong setting does.
process.stderr.write('relay: PORT is wrong\n')
process.exit(78)
