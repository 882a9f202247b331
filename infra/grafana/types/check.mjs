// Holds every dashboard against the types in dashboard.ts: a file is compiled as a constant of that type, so that what Grafana does not know, a
// key that is misspelt above all, is an error with its line.
// usage: node check.mjs [FOLDER]
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, '..', 'dashboards'));
const head = "import type { File } from './dashboard';export const dashboard: File = ";

// The constants stand in no file: the compiler reads them from here.
const sources = new Map();
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  sources.set(join(here, `${name}.ts`), head + readFileSync(join(folder, name), 'utf8'));
}
if (sources.size === 0) {
  console.error(`error: there is no dashboard in ${folder}`);
  process.exit(1);
}

const config = ts.getParsedCommandLineOfConfigFile(
  join(here, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic(problem) {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
    },
  },
);
if (!config) throw new Error('tsconfig.json cannot be read');
const host = ts.createCompilerHost(config.options);
const { fileExists, getSourceFile, readFile } = host;
host.fileExists = (file) => sources.has(file) || fileExists(file);
host.readFile = (file) => sources.get(file) ?? readFile(file);
host.getSourceFile = (file, options, ...rest) => {
  const text = sources.get(file);
  return text === undefined
    ? getSourceFile(file, options, ...rest)
    : ts.createSourceFile(file, text, options);
};

const program = ts.createProgram([...sources.keys()], config.options, host);
const problems = ts.getPreEmitDiagnostics(program);
if (problems.length > 0) {
  console.error(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (file) => file,
      getCurrentDirectory: () => here,
      getNewLine: () => '\n',
    }),
  );
  process.exit(1);
}
