import { type FormEvent, useId, useState } from 'react';
import { ProblemError } from '../api/http';
import type { Args, CatalogueFunction, Estimate } from '../api/types';
import { plainValue } from '../functions/Formula';
import { fieldsOf, readable } from '../functions/fields';
import { formatCount } from '../numbers/format';
import { formatRange, formatWait } from '../numbers/time';
import { Action } from '../ui/Action';
import { CopyButton } from '../ui/CopyButton';
import { Segments } from '../ui/Segments';
import { ArgumentField } from './ArgumentField';
import classes from './Bench.module.css';
import { EstimatePanel } from './EstimatePanel';
import { MoreOptions } from './MoreOptions';
import { noOptions, wishesOf } from './options';
import { SubmitProblem } from './SubmitProblem';
import { Suggestions } from './Suggestions';
import { asCurl } from './sameRequest';
import { useEstimate } from './useEstimate';
import { useSubmit } from './useSubmit';

type Props = {
  fn: CatalogueFunction;
  args: Args;
  method: string;
  onArgs: (args: Args) => void;
  onMethod: (method: string) => void;
  /** Called before the page is left for that of the job. */
  onSubmit: () => void;
};

/** Where one acts: the arguments of a function at the left, what they would cost at the right. */
export function Bench({ fn, args, method, onArgs, onMethod, onSubmit }: Props) {
  const fields = fieldsOf(fn);
  const state = useEstimate(fn.name, args, method);
  const submission = useSubmit();
  const [options, setOptions] = useState(noOptions);
  const methodLabel = useId();
  const refused = submission.error ?? (state.settled || state.error ? state.error : null);
  const problem = refused instanceof ProblemError ? refused : null;

  function change(next: Args) {
    submission.reset();
    onArgs(next);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (submission.isPending) return;
    onSubmit();
    submission.mutate({ function: fn.name, args, method, ...wishesOf(options) });
  }

  const facts = fn.methods.find(({ result }) => result === 'document')?.name;
  const isDocument = fn.methods.find(({ name }) => name === method)?.result === 'document';
  const inadmissible = state.settled && state.estimate?.admissible === false;
  return (
    <form className={`panel ${classes.bench}`} onSubmit={submit} aria-label={fn.title} noValidate>
      <div className={classes.input}>
        <div className={classes.fields}>
          {fields.map((field) => (
            <ArgumentField
              key={field.name}
              field={field}
              value={args[field.name] ?? ''}
              problem={problem?.forArgument(field.name)}
              onChange={(value) => change({ ...args, [field.name]: value })}
            />
          ))}
        </div>
        <Suggestions fn={fn} args={args} onChoose={change} />
        {fn.methods.length > 1 ? (
          <div className={classes.method}>
            <span className="label" id={methodLabel}>
              Method
            </span>
            <Segments
              aria-labelledby={methodLabel}
              value={method}
              onChange={onMethod}
              data={fn.methods.map(({ name, title }) => ({ value: name, label: title }))}
            />
          </div>
        ) : null}
        <MoreOptions
          options={options}
          problem={submission.error instanceof ProblemError ? submission.error : null}
          onChange={(next) => {
            submission.reset();
            setOptions(next);
          }}
        />
        {isDocument ? null : <Summary estimate={state.error ? undefined : state.estimate} />}
        <SubmitProblem error={submission.error} fields={fields} />
        <div className={`row ${classes.actions}`}>
          <Action kind="primary" big type="submit" loading={submission.isPending} disabled={inadmissible}>
            <span className={classes.compute}>Compute {plainValue(fn.notation, readable(args))}</span>
            <span className={classes.enter} aria-hidden="true">
              ↵
            </span>
          </Action>
          <CopyButton kind="bare" big text={asCurl(fn.name, args, method, wishesOf(options))}>
            Copy as curl
          </CopyButton>
        </div>
      </div>
      <EstimatePanel
        state={state}
        document={isDocument}
        lastArgument={fields.at(-1)?.name ?? ''}
        onUse={change}
        onFacts={facts && !isDocument ? () => onMethod(facts) : null}
      />
    </form>
  );
}

/** On a phone, where the estimate stands below the button: its gist above it. */
function Summary({ estimate }: { estimate: Estimate | undefined }) {
  if (!estimate?.digits || !estimate.admissible) return null;
  const { digits, seconds, cached, queue_wait_seconds: wait } = estimate;
  return (
    <p className={classes.summary} aria-hidden="true">
      <b>
        {formatCount(digits)} {digits === '1' ? 'digit' : 'digits'}
      </b>
      {cached ? ', ready at once' : seconds ? `, ${formatRange(seconds)}` : ''}
      {cached || !wait ? '' : `, ${waitInWords(wait)}`}
    </p>
  );
}

const waitInWords = (wait: readonly number[]) => {
  const words = formatWait(wait);
  return words === 'no wait' ? words : `after a wait of ${words}`;
};
