import { Chip } from '@mantine/core';
import type { Args, CatalogueFunction } from '../api/types';
import { plainValue } from '../functions/Formula';
import { fieldsOf } from '../functions/fields';
import { formatBrief } from '../numbers/format';
import { parseInteger } from '../numbers/parse';
import { chipClasses } from '../ui/chip';
import classes from './Suggestions.module.css';

type Props = { fn: CatalogueFunction; args: Args; onChoose: (args: Args) => void };

/** Values to try. With one argument they are its examples, with more the examples of the function. */
export function Suggestions({ fn, args, onChoose }: Props) {
  const all = suggestionsFor(fn);
  if (all.length === 0) return null;
  const chosen = all.find((s) => same(s.args, args))?.label ?? null;
  return (
    <fieldset className={classes.row}>
      <legend className="vh">Values to try</legend>
      <span className="label" aria-hidden="true">
        Try
      </span>
      {all.map(({ label, args: suggested }) => (
        <Chip
          key={label}
          type="checkbox"
          checked={chosen === label}
          onChange={() => onChoose(suggested)}
          classNames={chipClasses}
        >
          {label}
        </Chip>
      ))}
    </fieldset>
  );
}

function suggestionsFor(fn: CatalogueFunction) {
  const [field, ...more] = fieldsOf(fn);
  if (field && more.length === 0) {
    return field.examples.map((value) => ({
      label: formatBrief(parseInteger(value) ?? '0'),
      args: { [field.name]: value },
    }));
  }
  return fn.examples.map((example) => ({
    label: plainValue(fn.notation, example.args, formatBrief),
    args: { ...example.args },
  }));
}

const same = (a: Args, b: Args) =>
  Object.entries(a).every(([name, value]) => parseInteger(value) === parseInteger(b[name] ?? ''));
