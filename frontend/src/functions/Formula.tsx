import type { Args, CatalogueFunction } from '../api/types';
import { formatBrief, formatValue } from '../numbers/format';
import { notations } from './notation';

/**
 * f(args) in plain characters, from the notation of the catalogue: F(1,000,000). Arguments stand apart by a blank, since their own
 * digits may be grouped by commas.
 */
export function plainValue(notation: string, args: Args, write = formatValue): string {
  const spaced = notation.replace(/,\s*(?=\{)/g, ', ');
  return spaced.replace(/\{(\w+)\}/g, (_, name: string) =>
    args[name] === undefined ? name : write(args[name]),
  );
}

/** The same, as short as it goes: F(10⁶). */
export const briefValue = (notation: string, args: Args) => plainValue(notation, args, formatBrief);

/** The notation of a function; of one that the catalogue does not hold, its name and arguments. */
export function notationOf(name: string, args: Args, fn?: Pick<CatalogueFunction, 'notation'>): string {
  if (fn) return fn.notation;
  const names = Object.keys(args).map((arg) => `{${arg}}`);
  return `${name}(${names.join(', ')})`;
}

type ValueProps = { name: string; args: Args; fn?: CatalogueFunction | undefined };

/** f(args), typeset where the function is known. Screen readers get the plain text. */
export function FormulaOfValue({ name, args, fn }: ValueProps) {
  const text = plainValue(notationOf(name, args, fn), args);
  const notation = notations[name];
  if (!notation) return <span>{text}</span>;
  return (
    <>
      <span className="vh">{text}</span>
      <span aria-hidden="true">
        <math>{notation.value(args)}</math>
      </span>
    </>
  );
}

/** The definition of a function, typeset where it is known. Screen readers get the plain text. */
export function FormulaOfDefinition({ fn }: { fn: CatalogueFunction }) {
  const notation = notations[fn.name];
  if (!notation) return <span>{fn.definition}</span>;
  return (
    <>
      <span className="vh">{fn.definition}</span>
      <span aria-hidden="true">
        <math>{notation.definition}</math>
      </span>
    </>
  );
}
