// Completes a package-lock.json with the packages for other platforms that npm left out.
// usage: node scripts/lock-platforms.mjs FOLDER…
//
// Some packages bring a binary as an optional dependency a platform. Where a registry does not serve
// those of other platforms, npm install passes over them in silence, and npm ci then refuses the lock
// as incomplete. An entry without a checksum is enough: npm ci skips it unless it fits the machine.
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

// A platform's package tells its platform in its name: @biomejs/cli-linux-x64-musl.
function entry(name, version, dev) {
  const words = name.split(/[-/]/);
  const os = systems.filter((s) => words.includes(s));
  const cpu = processors.filter((p) => words.includes(p));
  if (os.length === 0 || cpu.length === 0) return undefined;
  return { version, cpu, ...(dev && { dev }), ...(words.includes('musl') && { libc: ['musl'] }), optional: true, os };
}

function complete(file) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = [];
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const known = `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages;
      const found = known ? undefined : entry(name, version, parent.dev);
      if (!found) continue;
      lock.packages[`node_modules/${name}`] = found;
      added.push(name);
    }
  }
  if (added.length === 0) return;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.error(`${file}: added ${added.join(', ')}`);
}

for (const folder of process.argv.slice(2)) complete(`${folder}/package-lock.json`);
