import { useId, useRef } from 'react';
import { Action } from '../ui/Action';
import classes from './LabelFields.module.css';
import { type LabelProblem, type LabelText, mostLabels } from './labels';

type Props = {
  labels: LabelText[];
  problems: Record<number, LabelProblem>;
  onChange: (labels: LabelText[]) => void;
};

/** Names and values of one's own, by which the jobs and the batch are found again. */
export function LabelFields({ labels, problems, onChange }: Props) {
  const list = useRef<HTMLFieldSetElement>(null);
  const next = useRef(1);
  function add() {
    onChange([...labels, { key: next.current++, name: '', value: '' }]);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLInputElement>('div:last-of-type > input')?.focus(),
    );
  }
  return (
    <fieldset className={classes.labels} ref={list}>
      <legend className="label">Labels</legend>
      {labels.map((label, i) => (
        <LabelRow
          key={label.key}
          label={label}
          number={i + 1}
          problem={problems[label.key]}
          onChange={(changed) => onChange(labels.map((l) => (l.key === label.key ? changed : l)))}
          onRemove={() => {
            onChange(labels.filter(({ key }) => key !== label.key));
            list.current?.querySelector<HTMLButtonElement>('[data-add]')?.focus();
          }}
        />
      ))}
      {labels.length < mostLabels ? (
        <Action kind="bare" icon="plus" className={classes.add ?? ''} data-add onClick={add}>
          Add a label
        </Action>
      ) : null}
    </fieldset>
  );
}

type RowProps = {
  label: LabelText;
  number: number;
  problem: LabelProblem | undefined;
  onChange: (label: LabelText) => void;
  onRemove: () => void;
};

function LabelRow({ label, number, problem, onChange, onRemove }: RowProps) {
  const note = `${useId()}-note`;
  const wrong = problem?.name ?? problem?.value;
  const described = wrong ? { 'aria-describedby': note } : {};
  return (
    <div className={classes.row}>
      <input
        className={classes.input}
        aria-label={`Name of label ${number}`}
        placeholder="name"
        maxLength={63}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        value={label.name}
        aria-invalid={problem?.name !== undefined}
        {...described}
        onChange={(e) => onChange({ ...label, name: e.currentTarget.value })}
      />
      <input
        className={classes.input}
        aria-label={`Value of label ${number}`}
        placeholder="value"
        autoComplete="off"
        value={label.value}
        aria-invalid={problem?.value !== undefined}
        {...described}
        onChange={(e) => onChange({ ...label, value: e.currentTarget.value })}
      />
      <Action kind="bare" aria-label={`Remove label ${number}`} onClick={onRemove}>
        Remove
      </Action>
      {wrong ? (
        <p id={note} className={`sm bad ${classes.problem}`}>
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
