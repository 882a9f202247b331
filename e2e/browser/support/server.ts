import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A running `numbermill up` with an empty data folder. */
export type Server = {
  /** Where it listens, such as http://127.0.0.1:41234. */
  url: string;
  /** Ends it as Ctrl-C would and removes its data. */
  stop: () => Promise<void>;
};

const binary = process.env.NUMBERMILL_BIN ?? resolve(import.meta.dirname, '../../../bin/numbermill');
/** How much of the log an error shows. */
const tail = 4000;

/** Starts the binary on a free port, with more flags if need be, and waits until it says that it is ready. */
export async function startServer(flags: string[] = []): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), 'numbermill-browser-'));
  const child = spawn(binary, ['up', '--listen', '127.0.0.1:0', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-tail);
  });
  try {
    return { url: await readyAt(child), stop: () => stop(child, data) };
  } catch (error) {
    await stop(child, data);
    throw new Error(`numbermill up did not become ready: ${error}\n${log}`);
  }
}

async function readyAt(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('it has no standard output');
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  const first = await Promise.race([line, failed, ended]);
  failed.catch(() => {});
  ended.catch(() => {});
  const [, url] = /^ready (http:\/\/\S+)$/.exec(first) ?? [];
  if (!url) throw new Error(`it said ${JSON.stringify(first)}`);
  return url;
}

async function stop(child: ChildProcess, data: string) {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  await rm(data, { recursive: true, force: true });
}
