import { useEffect, useRef } from 'react';
import { usePathname } from 'wouter/use-browser-location';

/** History state of a navigation that changes only a part of the page: the focus stays where it is. */
export const keepFocus = { keepFocus: true };

/**
 * Moves the focus to the main part and the view to the top when another page is opened, as a full page load would. A step back
 * or forward keeps the browser's own scroll position.
 */
export function useFocusOnNavigation() {
  const path = usePathname();
  const shown = useRef(path);
  const stepped = useRef(false);

  useEffect(() => {
    const step = () => {
      stepped.current = true;
    };
    window.addEventListener('popstate', step);
    return () => window.removeEventListener('popstate', step);
  }, []);

  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    const byStep = stepped.current;
    stepped.current = false;
    if ((window.history.state as typeof keepFocus | null)?.keepFocus) return;
    document.getElementById('main')?.focus({ preventScroll: true });
    if (!byStep) window.scrollTo(0, 0);
  }, [path]);
}
