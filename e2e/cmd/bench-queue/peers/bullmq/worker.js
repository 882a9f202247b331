// A worker of BullMQ in a process of its own. Many jobs are under way at a time, so that computing does not wait for Redis.
import { Worker } from "bullmq";
import { compute } from "./compute.js";

const worker = new Worker("small", async (job) => compute(job.data), {
  connection: { host: "127.0.0.1", port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null },
  concurrency: 64,
});
worker.on("error", (error) => process.stderr.write(`${error}\n`));
await worker.waitUntilReady();
process.stdout.write("ready\n");
process.on("SIGTERM", () => worker.close().then(() => process.exit(0)));
