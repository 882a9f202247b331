import { useState } from 'react';
import type { Args, CatalogueFunction } from '../api/types';
import { argsFromQuery, firstArgs } from '../functions/fields';
import { notations } from '../functions/notation';

/** Functions of one family share what was typed. */
export const familyOf = (fn: CatalogueFunction) => notations[fn.name]?.family?.name ?? fn.name;

/** What was typed for each function, which starts from the address or else from the catalogue's first example. */
export function useArguments(fn: CatalogueFunction, query: string) {
  const [byFamily, setByFamily] = useState<Record<string, Args>>(() => ({
    [familyOf(fn)]: argsFromQuery(fn, query, firstArgs(fn)),
  }));
  const args = byFamily[familyOf(fn)] ?? firstArgs(fn);
  const setArgs = (next: Args, of: CatalogueFunction = fn) =>
    setByFamily((all) => ({ ...all, [familyOf(of)]: next }));
  return [args, setArgs] as const;
}
