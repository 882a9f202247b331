// Which versions are measured.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const version = (name) => require(`./node_modules/${name}/package.json`).version;
process.stdout.write(`BullMQ ${version("bullmq")} (ioredis ${version("ioredis")}, Node ${process.version})\n`);
