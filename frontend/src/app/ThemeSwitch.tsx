import { useMantineColorScheme } from '@mantine/core';
import { Icon, type IconName } from '../ui/Icon';
import classes from './ThemeSwitch.module.css';

type Scheme = 'auto' | 'light' | 'dark';
const next: Record<Scheme, Scheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const words: Record<Scheme, string> = { auto: 'as the system', light: 'light', dark: 'dark' };
const icons: Record<Scheme, IconName> = { auto: 'theme', light: 'sun', dark: 'moon' };

/** Turns the theme round: as the system, light, dark. The browser remembers it. */
export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = `Theme: ${words[colorScheme]}. Switch to ${words[next[colorScheme]]}`;
  return (
    <button
      type="button"
      className={classes.button}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next[colorScheme])}
    >
      <Icon name={icons[colorScheme]} />
    </button>
  );
}
