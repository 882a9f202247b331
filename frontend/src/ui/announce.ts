import { useSyncExternalStore } from 'react';

let message = '';
const listeners = new Set<() => void>();

/** Has screen readers say a sentence when they are done with what they are saying. */
export function announce(text: string) {
  message = text;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The sentence to say, for the one live region of the page. */
export const useAnnouncement = () => useSyncExternalStore(subscribe, () => message);
