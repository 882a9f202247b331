import { type RefObject, useEffect, useEffectEvent } from 'react';

/** A page that is being scrolled past the element keeps scrolling: the wheel is taken only after it rested this long. */
const latch = 250;

/**
 * Turns the wheel over the element into lines. `onLines` says whether it moved; where it did not, at the ends, the page scrolls on.
 */
export function useWheel(
  element: RefObject<HTMLElement | null>,
  lineHeight: number,
  onLines: (lines: number) => boolean,
) {
  const moved = useEffectEvent(onLines);
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    let left = 0;
    let lastOfPage = Number.NEGATIVE_INFINITY;
    function onWheel(event: WheelEvent) {
      const vertical = Math.abs(event.deltaY) > Math.abs(event.deltaX);
      const inside = event.target instanceof Node && box?.contains(event.target);
      if (!inside || !vertical || event.ctrlKey || event.timeStamp - lastOfPage < latch) {
        lastOfPage = event.timeStamp;
        return;
      }
      left += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY : event.deltaY / lineHeight;
      const lines = Math.trunc(left);
      left -= lines;
      if (lines === 0 || moved(lines)) event.preventDefault();
      else lastOfPage = event.timeStamp;
    }
    window.addEventListener('wheel', onWheel, { passive: false });
    return () => window.removeEventListener('wheel', onWheel);
  }, [element, lineHeight]);
}
