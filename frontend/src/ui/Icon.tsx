import type { ReactNode } from 'react';
import classes from './Icon.module.css';

// Line drawings on a grid of 16. They say nothing by themselves: each stands beside a word, and is hidden from readers.
const ring = <circle cx="8" cy="8" r="6.25" />;

const drawings = {
  mill: (
    <>
      <circle cx="8" cy="8" r="6.6" />
      <circle cx="8" cy="8" r="1.5" />
      <path d="M8 6.5V1.4M9.3 8.75l4.4 2.55M6.7 8.75 2.3 11.3" />
    </>
  ),
  list: <path d="M5.5 4h8m-8 4h8m-8 4h8M2.5 4h.1M2.5 8h.1m-.1 4h.1" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.6" />
      <path d="m10.5 10.5 3.6 3.6" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="6.1" />
      <path d="M8 1.9v12.2A6.1 6.1 0 0 0 8 1.9z" fill="currentColor" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.9" />
      <path d="M8 1.4v1.4m0 10.4v1.4M1.4 8h1.4m10.4 0h1.4M3.3 3.3l1 1m7.4 7.4 1 1m0-9.4-1 1m-7.4 7.4-1 1" />
    </>
  ),
  moon: <path d="M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z" />,
  check: (
    <>
      {ring}
      <path d="m5.3 8.2 1.9 1.9 3.6-4" />
    </>
  ),
  cross: (
    <>
      {ring}
      <path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2" />
    </>
  ),
  slash: (
    <>
      {ring}
      <path d="m3.7 12.3 8.6-8.6" />
    </>
  ),
  clock: (
    <>
      {ring}
      <path d="M8 4.6V8l2.3 1.6" />
    </>
  ),
  hourglass: (
    <path d="M4.2 1.9h7.6M4.2 14.1h7.6M4.9 2.1c0 3.6 6.2 4.1 6.2 5.9s-6.2 2.3-6.2 5.9M11.1 2.1c0 3.6-6.2 4.1-6.2 5.9s6.2 2.3 6.2 5.9" />
  ),
  dashed: <circle cx="8" cy="8" r="6.25" strokeDasharray="2.4 2.5" />,
  arc: (
    <>
      <circle cx="8" cy="8" r="6.25" opacity=".35" />
      <path className={classes.turning} d="M8 1.75A6.25 6.25 0 0 1 14.25 8" />
      <circle cx="8" cy="8" r="1.6" fill="currentColor" stroke="none" />
    </>
  ),
  shield: (
    <>
      <path d="M8 1.6 2.9 3.5v4.1c0 3.2 2.1 5.6 5.1 6.8 3-1.2 5.1-3.6 5.1-6.8V3.5z" />
      <path d="m5.7 7.9 1.7 1.7 3-3.2" />
    </>
  ),
  info: (
    <>
      {ring}
      <path d="M8 7.3V11M8 5v.1" />
    </>
  ),
  warning: <path d="M8 2.2 1.7 13.3h12.6zM8 6.5v3.2m0 1.9v.1" />,
  offline: (
    <path d="M2 6.2a9 9 0 0 1 12 0M4.3 9a5.6 5.6 0 0 1 7.4 0M6.6 11.7a2 2 0 0 1 2.8 0M2.5 14 13.5 2" />
  ),
  link: (
    <path d="M6.6 9.4a2.7 2.7 0 0 0 3.8 0l2.4-2.4a2.7 2.7 0 0 0-3.8-3.8l-.9.9M9.4 6.6a2.7 2.7 0 0 0-3.8 0L3.2 9A2.7 2.7 0 0 0 7 12.8l.9-.9" />
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8.5" rx="1.5" />
      <path d="M10.5 5.3V3.5A1.5 1.5 0 0 0 9 2H4a1.5 1.5 0 0 0-1.5 1.5V10A1.5 1.5 0 0 0 4 11.5h1.3" />
    </>
  ),
  download: <path d="M8 2v8m-3.2-3L8 10.2 11.2 7M2.5 13.5h11" />,
  again: <path d="M13.3 8A5.3 5.3 0 1 1 11.6 4.1M13.5 2v3h-3" />,
  range: <path d="M2.5 13.5v-2m3.700 2v-4.500m3.700 4.500v-7m3.600 7V3" />,
  plus: <path d="M8 3v10M3 8h10" />,
  right: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  up: <path d="m4 9.8 4-4 4 4" />,
  down: <path d="m4 6.2 4 4 4-4" />,
  away: (
    <path d="M9.5 2.5h4v4M13.3 2.7 7.5 8.5M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3" />
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;

export function Icon({
  name,
  size = 16,
  className = '',
}: {
  name: IconName;
  size?: number;
  className?: string | undefined;
}) {
  return (
    <svg
      className={`${classes.icon} ${className}`}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      {drawings[name]}
    </svg>
  );
}
