import { ArgumentField } from '../compute/ArgumentField';
import type { Field } from '../functions/fields';
import { formatValue } from '../numbers/format';
import { Action } from '../ui/Action';
import classes from './RangeFields.module.css';
import type { RangeReading, RangeText } from './range';

type Props = {
  /** The argument that runs. */
  field: Field;
  range: RangeText;
  reading: RangeReading;
  /** What the server says is wrong with a part of it. */
  problems: Partial<Record<keyof RangeText, string | undefined>>;
  onChange: (range: RangeText) => void;
};

const titles = { from: 'From', to: 'To', step: 'In steps of' } as const;
const names = ['from', 'to', 'step'] as const;

/** From where to where an argument runs, and in which steps. */
export function RangeFields({ field, range, reading, problems, onChange }: Props) {
  const { tooMany } = reading;
  return (
    <fieldset className={classes.range}>
      <legend className="label">{field.title} runs</legend>
      <div className={classes.fields}>
        {names.map((name) => (
          <ArgumentField
            key={name}
            compact
            field={{ ...field, name, title: titles[name], choices: null }}
            value={range[name]}
            problem={reading.problems[name] ?? problems[name]}
            onChange={(value) => onChange({ ...range, [name]: value })}
          />
        ))}
      </div>
      {tooMany ? (
        <Action onClick={() => onChange({ ...range, step: String(tooMany.step) })}>
          Take steps of {formatValue(String(tooMany.step))}
        </Action>
      ) : null}
    </fieldset>
  );
}
