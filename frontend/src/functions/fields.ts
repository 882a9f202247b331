import type { Args, CatalogueFunction } from '../api/types';
import { parseInteger } from '../numbers/parse';

/** One input of a form. */
export type Field = {
  name: string;
  title: string;
  description: string;
  examples: string[];
  maxLength: number;
  /** Where only these values are allowed. */
  choices: string[] | null;
};

type Schema = {
  title?: string;
  description?: string;
  examples?: unknown[];
  maxLength?: number;
  enum?: unknown[];
};

/** The inputs that the function's JSON Schema asks for: the required ones in their order, then the others. */
export function fieldsOf(fn: CatalogueFunction): Field[] {
  const schema = fn.arguments_schema as { properties?: Record<string, Schema>; required?: string[] };
  const properties = schema.properties ?? {};
  const names = new Set([...(schema.required ?? []), ...Object.keys(properties)]);
  return [...names].map((name) => field(name, properties[name] ?? {}));
}

const field = (name: string, schema: Schema): Field => ({
  name,
  title: schema.title ?? name,
  description: schema.description ?? '',
  examples: (schema.examples ?? []).map(String),
  maxLength: schema.maxLength ?? 4096,
  choices: schema.enum ? schema.enum.map(String) : null,
});

/** What the form holds at first: the first example of the catalogue. */
export function firstArgs(fn: CatalogueFunction): Args {
  const example = fn.examples[0]?.args ?? {};
  return Object.fromEntries(
    fieldsOf(fn).map(({ name, examples }) => [name, example[name] ?? examples[0] ?? '']),
  );
}

/** The arguments that an address carries, completed from `otherwise`. */
export function argsFromQuery(fn: CatalogueFunction, query: string, otherwise: Args): Args {
  const given = new URLSearchParams(query);
  return Object.fromEntries(fieldsOf(fn).map(({ name }) => [name, given.get(name) ?? otherwise[name] ?? '']));
}

/** The arguments as plain digits where they can be read; the others are left out. */
export function readable(args: Args): Args {
  const read = Object.entries(args).flatMap(([name, text]) => {
    const value = parseInteger(text);
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(read);
}

/** The method that a function has by default: the first one. */
export const firstMethod = (fn: CatalogueFunction) => fn.methods[0]?.name ?? 'fast';

/** The method that an address names, if the function has it, else its first. */
export function methodFromQuery(fn: CatalogueFunction, query: string): string {
  const given = new URLSearchParams(query).get('method');
  return fn.methods.find(({ name }) => name === given)?.name ?? firstMethod(fn);
}

/** What a form holds, as the query of an address. The usual method goes without saying. */
export const formQuery = (args: Args, method = 'fast') =>
  new URLSearchParams(method === 'fast' ? args : { ...args, method }).toString();

/** The address of a function's form, filled in. */
export const taskPath = (name: string, args: Args = {}, method = 'fast') => {
  const query = formQuery(args, method);
  return `/tasks/${encodeURIComponent(name)}${query ? `?${query}` : ''}`;
};
