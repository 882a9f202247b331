import type { Args, Wishes } from '../api/types';

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const shellWord = (text: string) => (/^[\w=^.-]+$/.test(text) ? text : quoted(text));

/** The same job as a curl command for this server. */
export function asCurl(
  name: string,
  args: Args,
  method: string,
  wishes: Wishes = {},
  origin = window.location.origin,
): string {
  const body = { function: name, args, ...(method === 'fast' ? {} : { method }), ...wishes };
  return [
    `curl -X POST ${origin}/v1/jobs \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join('\n');
}

/** The same computation on the command line, without a server. */
export function asCommand(name: string, args: Args, method: string): string {
  const words = Object.entries(args).map(([key, value]) => shellWord(`${key}=${value}`));
  if (method !== 'fast') words.push('--method', shellWord(method));
  return [
    'numbermill compute',
    shellWord(name),
    ...words,
    '-o',
    `${method === 'facts' ? 'facts.json' : 'digits.txt'}`,
  ].join(' ');
}
