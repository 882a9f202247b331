// Writes a .gz beside every text file of dist/ that gains from it, so that the server never compresses while it serves.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const text = /\.(html|js|css|svg|txt|webmanifest)$/;

for (const name of await readdir(dist, { recursive: true })) {
  if (!text.test(name)) continue;
  const raw = await readFile(join(dist, name));
  const small = gzipSync(raw, { level: 9 });
  if (small.length < raw.length * 0.9) await writeFile(join(dist, `${name}.gz`), small);
}
