import { screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { jobIn } from '../../test/jobs';
import { openApp } from '../../test/render';

describe('the shell', () => {
  test('has its landmarks, one main heading and a way past the navigation', async () => {
    openApp('/');
    expect(await screen.findAllByRole('heading', { level: 1 })).toHaveLength(1);
    expect(screen.getByRole('link', { name: 'Skip to content' }).getAttribute('href')).toBe('#main');
    for (const role of ['banner', 'main', 'contentinfo']) expect(screen.getAllByRole(role)).toHaveLength(1);
    expect(await screen.findByText('All systems working')).toBeDefined();
  });

  test('says of an address that leads nowhere that it does', async () => {
    openApp('/nowhere');
    expect(await screen.findByRole('heading', { level: 1, name: 'No page at this address' })).toBeDefined();
  });

  test('moves the focus to the new page', async () => {
    const { user } = openApp('/');
    await user.click(screen.getAllByRole('link', { name: 'My jobs' })[0] as HTMLElement);
    await waitFor(() => expect(document.activeElement?.id).toBe('main'));
  });

  test('finds the typed value again after a step back', async () => {
    const { user } = openApp('/', (server) => server.put(jobIn('succeeded')));
    await user.click(await screen.findByRole('radio', { name: 'Factorial' }));
    await user.clear(screen.getByLabelText('Value of n'));
    await user.type(screen.getByLabelText('Value of n'), '4711');
    await waitFor(() => expect(window.location.search).toBe('?function=factorial&n=4711'));
    await user.click(screen.getAllByRole('link', { name: 'My jobs' })[0] as HTMLElement);
    await screen.findByRole('heading', { level: 1, name: 'My jobs' });
    window.history.back();
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>('Value of n').value).toBe('4711'));
  });

  test('turns the theme round and remembers it', async () => {
    const { user } = openApp('/');
    await user.click(screen.getByRole('button', { name: 'Theme: as the system. Switch to light' }));
    await user.click(screen.getByRole('button', { name: 'Theme: light. Switch to dark' }));
    expect(document.documentElement.getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(window.localStorage.getItem('mantine-color-scheme-value')).toBe('dark');
    await user.click(screen.getByRole('button', { name: 'Theme: dark. Switch to as the system' }));
  });
});
