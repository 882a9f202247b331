import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ping } from '../api/calls';
import { useConnection } from '../api/connection';
import { Note } from '../ui/Note';
import classes from './ConnectionBanner.module.css';

const firstPause = 1000;
const longestPause = 15_000;

/** Tells that the server does not answer, asks again by itself, and has the page catch up when it does. */
export function ConnectionBanner() {
  const { offline } = useConnection();
  const client = useQueryClient();

  useEffect(() => {
    if (!offline) return;
    const controller = new AbortController();
    let pause = firstPause;
    let timer = setTimeout(probe, pause);
    async function probe() {
      clearTimeout(timer);
      try {
        await ping({ signal: controller.signal });
        void client.invalidateQueries();
      } catch {
        if (controller.signal.aborted) return;
        pause = Math.min(longestPause, pause * 2);
        timer = setTimeout(probe, pause);
      }
    }
    window.addEventListener('online', probe);
    return () => {
      controller.abort();
      clearTimeout(timer);
      window.removeEventListener('online', probe);
    };
  }, [offline, client]);

  return (
    <div role="status">
      {offline ? (
        <div className={classes.banner}>
          <Note tone="warn" icon="offline" title="You are offline.">
            Your jobs go on. This page catches up when the server answers again.
          </Note>
        </div>
      ) : null}
    </div>
  );
}
