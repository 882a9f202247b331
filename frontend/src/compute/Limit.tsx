import type { Args, Estimate } from '../api/types';
import { formatBrief, formatShare, formatValue } from '../numbers/format';
import { Action } from '../ui/Action';
import { Bar } from '../ui/Bar';
import { Note } from '../ui/Note';
import classes from './Limit.module.css';
import { shareOfLimit } from './share';

type Props = {
  estimate: Estimate;
  lastArgument: string;
  onUse: (args: Args) => void;
  /** Asks for facts instead of digits, where the function has any. */
  onFacts: (() => void) | null;
};

/** How much of the limit it would take; beyond it, the largest arguments that would pass, ready to take over. */
export function Limit({ estimate, lastArgument: name, onUse, onFacts }: Props) {
  const share = shareOfLimit(estimate);
  const largest = estimate.largest_admissible?.[name];
  if (estimate.admissible) {
    return (
      <div className={classes.limit}>
        <Bar share percent={share * 100} label={`${formatShare(share)} of your limit`} />
        <p className={`sm ${classes.line}`}>
          <span className="soft">{formatShare(share)} of your limit</span>
          {largest === undefined ? null : (
            <span className="muted num">
              {name} ≤ {formatValue(largest)}
            </span>
          )}
        </p>
      </div>
    );
  }
  return (
    <div className={classes.limit}>
      <Note tone="warn" title={titleOf(estimate, share)}>
        {largest === undefined
          ? `No value of ${name} fits with these arguments.`
          : `The largest ${name} you can run is ${formatValue(largest)}.`}
      </Note>
      {estimate.largest_admissible && largest !== undefined ? (
        <Action onClick={() => onUse({ ...estimate.largest_admissible })}>
          Use {name} = {formatBrief(largest)}
        </Action>
      ) : null}
      {onFacts ? <Action onClick={onFacts}>Facts about it instead</Action> : null}
    </div>
  );
}

function titleOf({ reason }: Estimate, share: number) {
  if (reason === 'not-representable') return 'Nobody can write it down.';
  return Number.isFinite(share)
    ? `${formatShare(share)} ${share < 1.95 ? 'of ' : ''}your limit.`
    : 'Far over your limit.';
}
