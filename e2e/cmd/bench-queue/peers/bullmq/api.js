// BullMQ behind Node's own http server: one queue, answers when a job's end comes as an event.
import { createServer } from "node:http";
import { Job, Queue, QueueEvents } from "bullmq";

const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue("small", { connection, defaultJobOptions: { attempts: 3 } });
const events = new QueueEvents("small", { connection });
for (const one of [queue, events]) one.on("error", (error) => process.stderr.write(`${error}\n`));
events.setMaxListeners(0); // one a job that is waited for
await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

const wait = 60_000;

async function answer(request) {
  const { method, url } = request;
  if (method === "POST" && url === "/jobs") {
    const job = await queue.add("compute", await read(request));
    const result = await job.waitUntilFinished(events, wait);
    return [200, { id: job.id, state: "completed", result }];
  }
  if (method === "GET" && url.startsWith("/jobs/")) {
    const job = await Job.fromId(queue, url.slice("/jobs/".length));
    if (!job) return [404, { state: "unknown" }];
    // A job that has ended says so itself, which saves the question after its state.
    const state = job.finishedOn && !job.failedReason ? "completed" : await job.getState();
    return [200, { id: job.id, state, result: job.returnvalue }];
  }
  if (method === "POST" && url === "/batches") {
    const jobs = await read(request);
    await queue.addBulk(jobs.map((data) => ({ name: "compute", data })));
    return [202, { total: jobs.length }];
  }
  if (method === "GET" && url === "/batches") return [200, { completed: await queue.getCompletedCount() }];
  return [404, {}];
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts));
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [500, { error: String(error) }])
    .then(([status, body]) => {
      const text = Buffer.from(JSON.stringify(body));
      response.writeHead(status, { "Content-Type": "application/json", "Content-Length": text.length });
      response.end(text);
    });
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.stdout.write(`ready http://127.0.0.1:${server.address().port}\n`));
process.on("SIGTERM", () => process.exit(0));
