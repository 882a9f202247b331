import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { getLogs } from '../api/calls';
import { isActive, type Job, type LogLine, type LogList } from '../api/types';
import { formatInteger } from '../numbers/format';
import { formatInstant } from '../numbers/time';
import { CopyButton } from '../ui/CopyButton';
import type { Way } from './follow';
import classes from './Log.module.css';
import { asText, logKey, noLines, pairsOf, withLines } from './logs';

/** How often the lines are asked for while events do not bring them. */
const askEvery = 3000;

/** What workers have written about the job: open and live while it goes on, folded and not even asked for once it has ended. */
export const Log = (props: { job: Job; way: Way | null }) =>
  props.job.attempt > 0 ? <FoldingLog {...props} /> : null;

function FoldingLog({ job, way }: { job: Job; way: Way | null }) {
  const active = isActive(job);
  const [open, setOpen] = useState(active);
  const { data, isError } = useLog(job.id, open, active && way !== 'events');
  const lines = data?.lines ?? [];
  const dropped = Number(data?.next ?? 0) - lines.length;
  return (
    <details className={`section ${classes.log}`} open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <h2>Log</h2>
        {active ? <span className="muted sm">Live</span> : null}
      </summary>
      {lines.length > 0 ? (
        <>
          <Lines lines={lines} />
          <p className={`row sm muted ${classes.foot}`}>
            {dropped > 0 ? <span>{formatInteger(dropped)} older lines are no longer kept.</span> : null}
            <CopyButton kind="bare" className={`push ${classes.copy}`} text={lines.map(asText).join('\n')}>
              Copy log
            </CopyButton>
          </p>
        </>
      ) : (
        <p className="sm muted">
          {isError ? 'The log cannot be read just now.' : data ? nothing(active) : 'Reading the log.'}
        </p>
      )}
    </details>
  );
}

const nothing = (active: boolean) =>
  active ? 'No worker has written anything yet.' : 'No worker wrote anything about this job.';

function useLog(id: string, open: boolean, asks: boolean) {
  const client = useQueryClient();
  return useQuery({
    queryKey: logKey(id),
    queryFn: async ({ signal }) => {
      const now = await getLogs(id, { signal });
      return withLines(now, client.getQueryData<LogList>(logKey(id))?.lines ?? noLines.lines);
    },
    enabled: open,
    refetchInterval: asks ? askEvery : false,
  });
}

/** The lines in a box of their own, which stays at the newest one unless the reader has gone back. */
function Lines({ lines }: { lines: LogLine[] }) {
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the new lines that make it necessary
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <section
      ref={box}
      className={classes.box}
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 8;
      }}
    >
      <ol className={`mono ${classes.lines}`}>
        {lines.map((line) => (
          <Line key={asText(line)} line={line} />
        ))}
      </ol>
    </section>
  );
}

const Line = ({ line: { time, level, message, attempt, attributes } }: { line: LogLine }) => (
  <li className={classes[level]}>
    <time dateTime={time}>{formatInstant(time)}</time>
    <span className={classes.level}>{level}</span>
    <span>
      <b>{message}</b>{' '}
      <span className="soft">{[`attempt=${attempt}`, ...pairsOf(attributes)].join(' ')}</span>
    </span>
  </li>
);
