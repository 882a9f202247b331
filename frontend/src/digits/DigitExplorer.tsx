import { useMediaQuery } from '@mantine/hooks';
import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react';
import { hasStatus } from '../api/http';
import { formatInteger } from '../numbers/format';
import { Note } from '../ui/Note';
import { Segments } from '../ui/Segments';
import classes from './DigitExplorer.module.css';
import { DigitLines } from './DigitLines';
import { DigitMap } from './DigitMap';
import { clamp, lastTop, lineCount, narrow, topFor, wide } from './geometry';
import { Navigate } from './Navigate';
import { useBlocks } from './useBlocks';
import { useWheel } from './useWheel';

/** Every digit of a result, however many: only those on screen are drawn, and only their surroundings are fetched. */
export function DigitExplorer({ id, count }: { id: string; count: number }) {
  const layout = useMediaQuery('(max-width: 47.5em)', false, { getInitialValueInEffect: false })
    ? narrow
    : wide;
  const [first, setFirst] = useState(0); // the offset of the digit at the top left, which a change of layout keeps
  const [marked, setMarked] = useState<number | null>(null);
  const [group, setGroup] = useState('5');
  const box = useRef<HTMLElement>(null);

  const last = lastTop(count, layout);
  const top = clamp(Math.floor(first / layout.perLine), 0, last);
  const lines = Math.min(layout.lines, lineCount(count, layout));
  const from = top * layout.perLine;
  const to = Math.min(count, from + lines * layout.perLine);
  const screen = lines * layout.perLine;
  const { blocks, error } = useBlocks(id, count, Math.max(0, from - screen), Math.min(count, to + screen));

  function moveTo(line: number) {
    const next = clamp(line, 0, last);
    setFirst(next * layout.perLine);
    return next !== top;
  }
  useWheel(box, 26, (by) => moveTo(top + by));

  function onKeyDown(event: KeyboardEvent) {
    const targets: Record<string, number> = {
      ArrowUp: top - 1,
      ArrowDown: top + 1,
      PageUp: top - lines,
      PageDown: top + lines,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moveTo(target);
  }

  function goTo(offset: number) {
    setMarked(offset);
    setFirst(topFor(offset, count, layout) * layout.perLine);
  }

  const gone = error !== null && hasStatus(error, 410);
  return (
    <section className="section">
      <header className={classes.head}>
        <h2>All digits</h2>
        {last > 0 && !gone ? (
          <Navigate
            count={count}
            onGo={goTo}
            onPage={(direction) => moveTo(top + direction * lines)}
            atStart={top === 0}
            atEnd={top === last}
          />
        ) : null}
      </header>
      {error ? <Trouble error={error} gone={gone} /> : null}
      {gone ? null : (
        <>
          <section
            ref={box}
            className={`panel ${classes.box}`}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label={`Digits ${formatInteger(from)} to ${formatInteger(to - 1)}`}
            onKeyDown={onKeyDown}
            onCopy={copyDigitsOnly}
            data-map={last > 0 || undefined}
          >
            <div className={classes.scroll}>
              <DigitLines
                blocks={blocks}
                count={count}
                top={top}
                lines={lines}
                layout={layout}
                group={group === 'none' ? layout.perLine : Number(group)}
                marked={marked}
              />
            </div>
            {last > 0 ? <DigitMap at={top / last} onMove={(at) => moveTo(Math.round(at * last))} /> : null}
          </section>
          <div className={`row sm muted ${classes.caption}`}>
            <span>Counted from 0. {last > 0 ? 'Only the digits near the screen are fetched.' : ''}</span>
            <div className={`push ${classes.groups}`}>
              <span aria-hidden="true">Groups of</span>
              <Segments
                small
                aria-label="Groups of"
                data={['5', '10', 'none']}
                value={group}
                onChange={setGroup}
              />
            </div>
          </div>
        </>
      )}
    </section>
  );
}

/** Line breaks are layout here: what is copied is digits only. */
function copyDigitsOnly(event: ClipboardEvent) {
  const digits = (document.getSelection()?.toString() ?? '').replace(/\D/g, '');
  if (!digits) return;
  event.clipboardData.setData('text/plain', digits);
  event.preventDefault();
}

function Trouble({ error, gone }: { error: Error; gone: boolean }) {
  return (
    <div className={classes.trouble}>
      {gone ? (
        <Note tone="warn" title="The digits are gone, the facts are not.">
          {error.message}
        </Note>
      ) : (
        <Note tone="warn" title="These digits did not arrive.">
          {error.message}
        </Note>
      )}
    </div>
  );
}
