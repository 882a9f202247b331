import { NativeSelect } from '@mantine/core';
import { type FormEvent, useId, useRef, useState } from 'react';
import { ProblemError } from '../api/http';
import type { Args, CatalogueFunction } from '../api/types';
import { useSubmitBatch } from '../batch/useBatch';
import { ArgumentField } from '../compute/ArgumentField';
import bench from '../compute/Bench.module.css';
import { MoreOptions } from '../compute/MoreOptions';
import { noOptions, wishesOf } from '../compute/options';
import { SubmitProblem } from '../compute/SubmitProblem';
import { fieldsOf } from '../functions/fields';
import { formatInteger } from '../numbers/format';
import { Action } from '../ui/Action';
import { Segments } from '../ui/Segments';
import { type Draft, runningFields } from './draft';
import { LabelFields } from './LabelFields';
import { type LabelText, labelProblems, labelsOf } from './labels';
import { RangeFields } from './RangeFields';
import { problemOf, readRange } from './range';
import { batchRequest, identity, nameOf, wrongAt } from './request';
import { SweepEstimate } from './SweepEstimate';
import classes from './SweepForm.module.css';
import { useSweepEstimates } from './useSweepEstimates';

type Props = {
  functions: CatalogueFunction[];
  fn: CatalogueFunction;
  draft: Draft;
  onFunction: (name: string) => void;
  onChange: (draft: Draft) => void;
  /** Called before the page is left for that of the batch. */
  onSubmit: () => void;
};

/** Where one says what to sweep over, and sees how many jobs that is and what they would cost. */
export function SweepForm({ functions, fn, draft, onFunction, onChange, onSubmit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const reading = readRange(draft.range);
  const estimates = useSweepEstimates(draft, reading.range);
  const submission = useSubmitBatch();
  const [options, setOptions] = useState(noOptions);
  const [labels, setLabels] = useState<LabelText[]>([]);
  const wrongLabels = labelProblems(labels);
  const wrong = problemsOf(fn, draft, estimates, submission.error);
  const running = fieldsOf(fn).find(({ name }) => name === draft.over);
  const { range } = reading;

  function change(next: Draft) {
    submission.reset();
    onChange(next);
  }
  function changeFunction(name: string) {
    submission.reset();
    onFunction(name);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (submission.isPending) return;
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (first) return first.focus();
    if (!range) return;
    onSubmit();
    const sweep = {
      draft,
      range,
      notation: fn.notation,
      wishes: wishesOf(options),
      labels: labelsOf(labels),
    };
    submission.mutate({ what: identity(sweep), make: () => batchRequest(sweep) });
  }
  function use(largest: Args) {
    const { [draft.over]: to, ...others } = largest;
    const args = { ...draft.args, ...others };
    change({ ...draft, args, range: to === undefined ? draft.range : { ...draft.range, to } });
  }

  const facts = fn.methods.find(({ result }) => result === 'document')?.name;
  const isDocument = fn.methods.find(({ name }) => name === draft.method)?.result === 'document';
  const inadmissible = [estimates.first, estimates.last].some(
    ({ settled, estimate }) => settled && estimate?.admissible === false,
  );
  return (
    <form className={`panel ${bench.bench}`} onSubmit={submit} aria-label="Sweep" noValidate ref={form}>
      <div className={bench.input}>
        <Choices functions={functions} fn={fn} draft={draft} onFunction={changeFunction} onChange={change} />
        {fieldsOf(fn)
          .filter(({ name }) => name !== draft.over)
          .map((field) => (
            <div key={field.name} className={classes.fixed}>
              <ArgumentField
                compact
                field={field}
                value={draft.args[field.name] ?? ''}
                problem={wrong.fixed[field.name]}
                onChange={(value) => change({ ...draft, args: { ...draft.args, [field.name]: value } })}
              />
            </div>
          ))}
        {running ? (
          <RangeFields
            field={running}
            range={draft.range}
            reading={reading}
            problems={wrong.range}
            onChange={(next) => change({ ...draft, range: next })}
          />
        ) : null}
        <p className={`soft num ${classes.preview}`}>{range ? nameOf(draft, range, fn.notation) : null}</p>
        <Method fn={fn} draft={draft} onChange={change} />
        <LabelFields
          labels={labels}
          problems={wrongLabels}
          onChange={(next) => {
            submission.reset();
            setLabels(next);
          }}
        />
        <MoreOptions
          options={options}
          problem={{ at: (pointer) => wrongAt(submission.error, pointer)?.detail }}
          onChange={(next) => {
            submission.reset();
            setOptions(next);
          }}
        />
        {wrong.beside ? null : <SubmitProblem error={submission.error} fields={[]} />}
        <div className={`row ${bench.actions}`}>
          <Action kind="primary" big type="submit" loading={submission.isPending} disabled={inadmissible}>
            {range ? `Start ${formatInteger(range.count)} ${range.count === 1 ? 'job' : 'jobs'}` : 'Start'}
          </Action>
        </div>
      </div>
      <SweepEstimate
        fn={fn}
        reading={reading}
        estimates={estimates}
        document={isDocument}
        onUse={use}
        onFacts={facts && !isDocument ? () => change({ ...draft, method: facts }) : null}
      />
    </form>
  );
}

type ChoiceProps = Pick<Props, 'functions' | 'fn' | 'draft' | 'onFunction' | 'onChange'>;

/** Which function, and which of its arguments runs. */
function Choices({ functions, fn, draft, onFunction, onChange }: ChoiceProps) {
  const id = useId();
  const label = useId();
  const running = runningFields(fn);
  return (
    <div className={classes.choices}>
      <div className={classes.choice}>
        <label className="label" htmlFor={id}>
          Function
        </label>
        <NativeSelect
          id={id}
          classNames={{ input: classes.select ?? '', section: classes.chevron ?? '' }}
          data={functions.map(({ name, title }) => ({ value: name, label: title }))}
          value={fn.name}
          onChange={(event) => onFunction(event.currentTarget.value)}
        />
      </div>
      {running.length > 1 ? (
        <div className={classes.choice}>
          <span className="label" id={label}>
            What runs
          </span>
          <Segments
            aria-labelledby={label}
            value={draft.over}
            onChange={(over) => onChange({ ...draft, over })}
            data={running.map(({ name }) => ({ value: name, label: name }))}
          />
        </div>
      ) : null}
    </div>
  );
}

function Method({ fn, draft, onChange }: Pick<Props, 'fn' | 'draft' | 'onChange'>) {
  const label = useId();
  if (fn.methods.length < 2) return null;
  return (
    <div className={bench.method}>
      <span className="label" id={label}>
        Method
      </span>
      <Segments
        aria-labelledby={label}
        value={draft.method}
        onChange={(method) => onChange({ ...draft, method })}
        data={fn.methods.map(({ name, title }) => ({ value: name, label: title }))}
      />
    </div>
  );
}

type Estimates = ReturnType<typeof useSweepEstimates>;

/** What is wrong with which field: as the page reads it, as the estimates say, and as the answer to the batch says. */
function problemsOf(fn: CatalogueFunction, draft: Draft, { first, last }: Estimates, refused: Error | null) {
  const told = ({ error, settled }: Estimates['first'], name: string) =>
    error instanceof ProblemError && settled ? error.forArgument(name) : undefined;
  const fixed: Record<string, string | undefined> = {};
  for (const { name, choices } of fieldsOf(fn)) {
    if (name === draft.over) continue;
    const unread = choices ? undefined : problemOf(draft.args[name] ?? '');
    fixed[name] =
      unread ?? told(last, name) ?? told(first, name) ?? wrongAt(refused, `/args/${name}`)?.detail;
  }
  const late = wrongAt(refused, `/args/${draft.over}`);
  const range = {
    from: told(first, draft.over) ?? (late?.job === 0 ? late.detail : undefined),
    to: told(last, draft.over) ?? (late && late.job > 0 ? late.detail : undefined),
  };
  const options = ['/priority', '/deadline_seconds', '/run_at'].some((part) => wrongAt(refused, part));
  const beside =
    options || late !== undefined || fieldsOf(fn).some(({ name }) => wrongAt(refused, `/args/${name}`));
  return { fixed, range, beside };
}
