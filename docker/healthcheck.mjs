// Whether the app in this container is ready to work; 3 s at most. No curl in the image for it.
const { PORT = '3000' } = process.env
const answer = await fetch(`http://127.0.0.1:${PORT}/health/ready`, { signal: AbortSignal.timeout(2_500) })
if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
