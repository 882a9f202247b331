import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { digitsBetween, jobIn, resultOf } from '../../test/jobs';
import { openApp } from '../../test/render';

const id = jobIn('queued').id;
const open = (count: number) =>
  openApp(`/jobs/${id}`, (server) => server.put(jobIn('succeeded', { result: resultOf(count) })));

const lines = (name: RegExp) => screen.findByRole('region', { name });
const digitsIn = (box: HTMLElement) =>
  [...box.querySelectorAll('li > span:last-child')].map((line) => line.textContent).join('');

describe('the digits', () => {
  test('on screen are fetched as byte ranges, and only they are drawn', async () => {
    const { server } = open(20_898_764);
    const box = await lines(/^Digits 0 to 999$/);
    await waitFor(() => expect(digitsIn(box)).toBe(digitsBetween(0, 1000)));
    expect(box.querySelectorAll('li')).toHaveLength(20);
    const ranges = server.requests
      .filter(({ path }) => path.endsWith('/result'))
      .map(({ headers }) => headers.get('Range'));
    expect(ranges).toEqual(['bytes=0-9999']);
  });

  test('move by the keys of a scrolled box', async () => {
    open(20_898_764);
    const box = await lines(/^Digits 0 to/);
    fireEvent.keyDown(box, { key: 'PageDown' });
    fireEvent.keyDown(box, { key: 'ArrowDown' });
    await lines(/^Digits 1,050 to 2,049$/);
    fireEvent.keyDown(box, { key: 'End' });
    const last = await lines(/to 20,898,763$/);
    await waitFor(() => expect(digitsIn(last).endsWith(digitsBetween(20_898_750, 20_898_764))).toBe(true));
    fireEvent.keyDown(box, { key: 'Home' });
    await lines(/^Digits 0 to 999$/);
  });

  test('are gone to by position, which is marked', async () => {
    const { user } = open(20_898_764);
    await user.type(await screen.findByLabelText('Digit'), '1942676{Enter}');
    const box = await lines(/^Digits 1,942,450 to/);
    await waitFor(() =>
      expect(box.querySelector('mark')?.textContent).toBe(digitsBetween(1_942_676, 1_942_677)),
    );
  });

  test('past the end are refused in words', async () => {
    const { user } = open(20_898_764);
    await user.type(await screen.findByLabelText('Digit'), '1e9{Enter}');
    expect((await screen.findAllByText('The last digit is number 20,898,763.')).length).toBeGreaterThan(0);
  });

  test('of a small number need no ways through them', async () => {
    open(209);
    const box = await lines(/^Digits 0 to 208$/);
    await waitFor(() => expect(digitsIn(box)).toBe(digitsBetween(0, 209)));
    expect(screen.queryByLabelText('Digit')).toBeNull();
  });
});
