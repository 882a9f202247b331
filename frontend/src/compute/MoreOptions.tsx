import { NativeSelect } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { ProblemError } from '../api/http';
import type { Priority } from '../api/types';
import { formatAbout, formatDay } from '../numbers/time';
import { capitalised } from '../numbers/words';
import { Segments } from '../ui/Segments';
import classes from './MoreOptions.module.css';
import { inShort, type Options, units, wishesOf } from './options';

type Props = {
  options: Options;
  /** What the server says is wrong with a part of the request. */
  problem: Pick<ProblemError, 'at'> | null;
  onChange: (next: Options) => void;
};

const priorities: { value: Priority; label: string }[] = [
  { value: 'high', label: 'High' },
  { value: 'standard', label: 'Standard' },
  { value: 'low', label: 'Low' },
];

/** What else one may say of a job, folded away: most jobs need none of it. What was said shows while it is folded. */
export function MoreOptions({ options, problem, onChange }: Props) {
  const wishes = wishesOf(options);
  const said = inShort(wishes);
  const wrong = ['/priority', '/deadline_seconds', '/run_at'].some((at) => problem?.at(at));
  const label = useId();
  return (
    <details className={classes.options} open={wrong || undefined}>
      <summary>
        More options <span className="muted">{capitalised(said)}</span>
      </summary>
      <div className={classes.fields}>
        <Field label={<span id={label}>Priority</span>} problem={problem?.at('/priority')}>
          <Segments
            aria-labelledby={label}
            data={priorities}
            value={options.priority}
            onChange={(value) => onChange({ ...options, priority: value as Priority })}
          />
        </Field>
        <Deadline options={options} problem={problem?.at('/deadline_seconds')} onChange={onChange} />
        <RunAt options={options} problem={problem?.at('/run_at')} onChange={onChange} />
      </div>
    </details>
  );
}

type PartProps = { options: Options; problem: string | undefined; onChange: (next: Options) => void };

function Deadline({ options, problem, onChange }: PartProps) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <Field
      label={<label htmlFor={id}>End it after</label>}
      note="Counted from when you submit it. Empty for never."
      noteId={note}
      problem={problem}
    >
      <div className={classes.pair}>
        <input
          id={id}
          className={`${classes.input} ${classes.amount}`}
          type="number"
          inputMode="decimal"
          min={1}
          step="any"
          placeholder="never"
          value={options.deadline}
          aria-invalid={problem !== undefined}
          aria-describedby={note}
          onChange={(e) => onChange({ ...options, deadline: e.currentTarget.value })}
        />
        <NativeSelect
          aria-label="Unit"
          classNames={{ input: `${classes.input} ${classes.select}`, section: classes.chevron ?? '' }}
          data={units}
          value={options.unit}
          onChange={(e) => onChange({ ...options, unit: e.currentTarget.value })}
        />
      </div>
    </Field>
  );
}

function RunAt({ options, problem, onChange }: PartProps) {
  const id = useId();
  const note = `${id}-note`;
  const { run_at } = wishesOf(options);
  return (
    <Field
      label={<label htmlFor={id}>Start it</label>}
      note={run_at ? inTime(run_at) : 'In your time zone. Empty for at once.'}
      noteId={note}
      problem={problem}
    >
      <input
        id={id}
        className={classes.input}
        type="datetime-local"
        value={options.runAt}
        aria-invalid={problem !== undefined}
        aria-describedby={note}
        onChange={(e) => onChange({ ...options, runAt: e.currentTarget.value })}
      />
    </Field>
  );
}

function inTime(run_at: string) {
  const seconds = (Date.parse(run_at) - Date.now()) / 1000;
  if (seconds <= 0) return 'That time has passed, so it starts at once.';
  return `${formatDay(run_at)} your time, in ${formatAbout(seconds)}.`;
}

type FieldProps = {
  label: ReactNode;
  note?: string;
  noteId?: string;
  problem: string | undefined;
  children: ReactNode;
};

const Field = ({ label, note, noteId, problem, children }: FieldProps) => (
  <div className={classes.field}>
    <span className="label">{label}</span>
    {children}
    {problem || note ? (
      <p id={noteId} className={`sm ${problem ? 'bad' : 'muted'}`}>
        {problem ?? note}
      </p>
    ) : null}
  </div>
);
