import { formatInteger } from '../numbers/format';
import { groupsOf } from '../ui/Groups';
import classes from './DigitLines.module.css';
import { type Layout, slice } from './geometry';

type Props = {
  blocks: ReadonlyMap<number, string>;
  count: number;
  top: number;
  lines: number;
  layout: Layout;
  group: number;
  /** The digit that was gone to. */
  marked: number | null;
};

/** The lines on screen. Where digits are still on their way the grid stands already. */
export function DigitLines({ blocks, count, top, lines, layout, group, marked }: Props) {
  const { perLine, offsetEvery } = layout;
  const offsetWidth = formatInteger(count).length;
  return (
    <ol
      className={`digits ${classes.lines}`}
      data-narrow={offsetEvery > 1 || undefined}
      translate="no"
      style={{ '--offset-width': `${offsetWidth}ch` } as React.CSSProperties}
    >
      {Array.from({ length: lines }, (_, i) => {
        const line = top + i;
        const from = line * perLine;
        const to = Math.min(count, from + perLine);
        const digits = slice(blocks, from, to);
        return (
          <li key={line} data-fifth={(line + 1) % 5 === 0 || undefined}>
            {line % offsetEvery === 0 || i === 0 ? (
              <span className={classes.offset}>{formatInteger(from)}</span>
            ) : null}
            <span
              className={`${classes.line} ${digits === null ? classes.coming : ''}`}
              aria-hidden={digits === null}
            >
              {groupsOf(digits ?? '0'.repeat(to - from), group).map(({ at, text }) => (
                <i key={at} data-end={(at + group) % 10 === 0 || undefined}>
                  <Marked text={text} at={marked === null ? -1 : marked - from - at} />
                </i>
              ))}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Marked({ text, at }: { text: string; at: number }) {
  if (at < 0 || at >= text.length) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text[at]}</mark>
      {text.slice(at + 1)}
    </>
  );
}
