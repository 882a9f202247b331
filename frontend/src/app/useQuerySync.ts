import { useEffect, useEffectEvent, useRef } from 'react';
import { useSearch } from 'wouter';

/** Typing rests this long before the address follows, since browsers limit how often it may change. */
const pause = 400;

/**
 * Keeps the query of the address equal to `query` without new history entries, so that a reload or a step back finds what
 * was typed. `onOutside` is told when the query was changed by anything else: a link, a step back. The function that it returns
 * writes the address at once, for when the page is about to be left.
 */
export function useQuerySync(query: string, onOutside: (search: string) => void) {
  const search = useSearch();
  const known = useRef(search);
  const report = useEffectEvent(onOutside);

  useEffect(() => {
    if (search === known.current) return;
    known.current = search;
    report(search);
  }, [search]);

  function write() {
    if (query === known.current) return;
    known.current = query;
    window.history.replaceState(window.history.state, '', query ? `?${query}` : window.location.pathname);
  }
  const later = useEffectEvent(write);

  useEffect(() => {
    if (query === known.current) return;
    const timer = setTimeout(() => later(), pause);
    return () => clearTimeout(timer);
  }, [query]);

  return write;
}
