import { useSyncExternalStore } from 'react';

/** Whether the last request reached the server, and since when it has not. */
type Connection = { offline: boolean; lastHeard: Date | null };

let connection: Connection = { offline: false, lastHeard: null };
const listeners = new Set<() => void>();

function change(next: Connection) {
  connection = next;
  for (const listener of listeners) listener();
}

/** Tells that the server answered, whatever it said. */
export function heard() {
  const was = connection.offline;
  if (was) change({ offline: false, lastHeard: new Date() });
  else connection.lastHeard = new Date(); // nobody shows it while the server answers
}

/** Tells that a request went nowhere. */
export function unheard() {
  if (!connection.offline) change({ ...connection, offline: true });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The connection as of now; the component renders again when it is lost or comes back. */
export const useConnection = () => useSyncExternalStore(subscribe, () => connection);
