import { NativeSelect } from '@mantine/core';
import { useId } from 'react';
import type { Field } from '../functions/fields';
import { formatValue } from '../numbers/format';
import { parseInteger } from '../numbers/parse';
import { Icon } from '../ui/Icon';
import classes from './ArgumentField.module.css';

type Props = {
  field: Field;
  value: string;
  /** What the server says is wrong with it, as it is. */
  problem: string | undefined;
  onChange: (value: string) => void;
  /** One of several in a row: in smaller type, and without a word on how else to write it. */
  compact?: boolean;
};

/** One argument: its value in large type, and under it how it was read, or what is wrong with it. */
export function ArgumentField({ field, value, problem, onChange, compact = false }: Props) {
  const id = useId();
  const described = `${id}-read`;
  return (
    <div className={classes.field}>
      <label className="label" htmlFor={id}>
        {field.title}
      </label>
      {field.choices ? (
        <NativeSelect
          id={id}
          data={field.choices}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      ) : (
        <input
          id={id}
          className={`${classes.input} ${compact ? classes.compact : ''}`}
          name={field.name}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
          maxLength={field.maxLength}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-invalid={problem !== undefined}
          aria-describedby={described}
        />
      )}
      <p id={described} className={`${classes.reading} ${compact ? classes.brief : ''}`}>
        <Reading text={value} problem={problem} compact={compact} />
      </p>
    </div>
  );
}

type ReadingProps = { text: string; problem: string | undefined; compact: boolean };

function Reading({ text, problem, compact }: ReadingProps) {
  if (problem !== undefined) {
    return (
      <>
        <Icon name="cross" className="bad" />
        <span className={`bad ${classes.problem}`}>{problem}</span>
      </>
    );
  }
  const value = parseInteger(text);
  if (value === null) return <span className="muted">1000000, 1e6, 10^6 and 1 000 000 are the same.</span>;
  return (
    <>
      <Icon name="check" className="ok" />
      <span>
        Read as <b className="num">{formatValue(value)}</b>.{' '}
        {value.length > 3 && !compact ? <span className="muted">{otherForms(text)}</span> : null}
      </span>
    </>
  );
}

/** The ways to write it that the person has not used. */
function otherForms(text: string) {
  if (/[e]/i.test(text)) return '10^8 and 100 000 000 work too.';
  if (text.includes('^')) return '1e8 and 100 000 000 work too.';
  return '1e8 and 10^8 work too.';
}
