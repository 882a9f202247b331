import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnnouncement } from '../ui/announce';
import { Icon, type IconName } from '../ui/Icon';
import { ConnectionBanner } from './ConnectionBanner';
import { Footer } from './Footer';
import { useFocusOnNavigation } from './focus';
import classes from './Shell.module.css';
import { ThemeSwitch } from './ThemeSwitch';

type Entry = { href: string; label: string; icon: IconName; under: string[] };
const entries: Entry[] = [
  { href: '/', label: 'Compute', icon: 'mill', under: ['/tasks/'] },
  { href: '/jobs', label: 'My jobs', icon: 'list', under: ['/jobs/', '/batches/', '/sweep'] },
];

/** What stands around every page: the top bar, the banner of a lost connection, the foot, and on phones the tab bar. */
export function Shell({ children }: { children: ReactNode }) {
  useFocusOnNavigation();
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <header className={classes.top}>
        <div>
          <Link className={classes.brand} href="/">
            <Icon name="mill" size={20} className={classes.mill} />
            Numbermill
          </Link>
          <Entries className={classes.nav} label="Main" />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        {children}
      </main>
      <Footer />
      <Entries className={classes.tabs} label="Main, phone" icons />
      <LiveRegion />
    </>
  );
}

function Entries({
  className,
  label,
  icons,
}: {
  className: string | undefined;
  label: string;
  icons?: boolean;
}) {
  const [path] = useLocation();
  return (
    <nav className={className} aria-label={label}>
      {entries.map((entry) => {
        const here =
          path === entry.href
            ? 'page'
            : entry.under.some((start) => path.startsWith(start))
              ? 'true'
              : undefined;
        return (
          <Link key={entry.href} href={entry.href} aria-current={here}>
            {icons ? <Icon name={entry.icon} size={20} /> : null}
            {entry.label}
          </Link>
        );
      })}
    </nav>
  );
}

const LiveRegion = () => (
  <div className="vh" role="status" aria-live="polite">
    {useAnnouncement()}
  </div>
);
