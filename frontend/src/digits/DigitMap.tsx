import { type PointerEvent, useRef } from 'react';
import classes from './DigitMap.module.css';

type Props = {
  /** Where the window is, from 0 at the first digit to 1 at the last. */
  at: number;
  onMove: (at: number) => void;
};

/**
 * The whole number as a strip: the window shows where one is, and can be dragged. It is a second way for a pointer; with the
 * keyboard the lines themselves move.
 */
export function DigitMap({ at, onMove }: Props) {
  const strip = useRef<HTMLDivElement>(null);
  function move(event: PointerEvent<HTMLDivElement>) {
    const box = strip.current?.getBoundingClientRect();
    if (box?.height) onMove(Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)));
  }
  return (
    <div
      className={classes.map}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event);
      }}
    >
      <div className={classes.strip} ref={strip}>
        <b style={{ top: `${at * 100}%` }} />
      </div>
    </div>
  );
}
