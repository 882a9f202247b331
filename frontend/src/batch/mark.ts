import type { Batch } from '../api/types';
import { type Mark, marks } from '../ui/StateMark';

const ended: Mark = { word: 'Ended', icon: 'check', tone: 'ok' };
const failed: Mark = { word: 'Ended', icon: 'cross', tone: 'bad' };
const stopped: Mark = { word: 'Ended', icon: 'slash', tone: 'quiet' };

/** How a batch stands: it runs, or it has ended, well or not. */
export function markOf({ state, counts }: Batch): Mark {
  if (state === 'active') return marks.running;
  if (counts.failed > 0) return failed;
  return counts.cancelled + counts.expired > 0 ? stopped : ended;
}
