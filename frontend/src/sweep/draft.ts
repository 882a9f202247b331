import type { Args, CatalogueFunction } from '../api/types';
import { type Field, fieldsOf, firstArgs, methodFromQuery } from '../functions/fields';
import type { RangeText } from './range';

/** What the form of a sweep holds and its address carries, as it was typed. */
export type Draft = {
  function: string;
  /** The argument that runs over the range. */
  over: string;
  range: RangeText;
  /** All arguments; that of the one that runs is kept for when another one does. */
  args: Args;
  method: string;
};

const firstRange: RangeText = { from: '1', to: '100', step: '1' };

/** The arguments that can run: those that take any number. */
export const runningFields = (fn: CatalogueFunction): Field[] =>
  fieldsOf(fn).filter(({ choices }) => choices === null);

/** The functions that have such an argument. */
export const sweepable = (functions: CatalogueFunction[]) =>
  functions.filter((fn) => runningFields(fn).length > 0);

/** The draft that an address carries, completed by what the catalogue says. Undefined where no function can be swept over. */
export function draftFromQuery(functions: CatalogueFunction[], query: string): Draft | undefined {
  const given = new URLSearchParams(query);
  const all = sweepable(functions);
  const fn = all.find(({ name }) => name === given.get('function')) ?? all[0];
  if (!fn) return undefined;
  const running = runningFields(fn);
  const over = running.find(({ name }) => name === given.get('over')) ?? running.at(-1);
  const args = Object.entries(firstArgs(fn)).map(([name, value]) => [
    name,
    given.get(`args.${name}`) ?? value,
  ]);
  return {
    function: fn.name,
    over: over?.name ?? '',
    range: {
      from: given.get('from') ?? firstRange.from,
      to: given.get('to') ?? firstRange.to,
      step: given.get('step') ?? firstRange.step,
    },
    args: Object.fromEntries(args),
    method: methodFromQuery(fn, query),
  };
}

/** The same as the query of an address. */
export function draftQuery({ function: fn, over, range, args, method }: Draft): string {
  const query = new URLSearchParams({ function: fn, over, ...range });
  for (const [name, value] of Object.entries(args)) {
    if (name !== over) query.set(`args.${name}`, value);
  }
  if (method !== 'fast') query.set('method', method);
  return query.toString();
}
