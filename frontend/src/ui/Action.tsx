import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef, ReactNode } from 'react';
import { Link } from 'wouter';
import classes from './Action.module.css';
import { Icon, type IconName } from './Icon';

type Look = {
  /** `primary` once a page; `bare` without an outline; `danger` for what cannot be undone. */
  kind?: 'primary' | 'plain' | 'bare' | 'danger';
  big?: boolean;
  icon?: IconName;
  children: ReactNode;
};

const classOf = ({ kind = 'plain', big }: Look, extra = '') =>
  [classes.action, classes[kind], big ? classes.big : '', extra].join(' ');

const iconOf = ({ icon }: Look) => (icon ? { leftSection: <Icon name={icon} /> } : {});

type ActionProps = Look & ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps>;

/** A button that does something on this page. */
export function Action({ kind, big, icon, className, children, ...rest }: ActionProps) {
  const look = { kind, big, icon, children } as Look;
  return (
    <Button type="button" {...rest} {...iconOf(look)} className={classOf(look, className)}>
      {children}
    </Button>
  );
}

type LinkProps = Look & { href: string; className?: string };

/** A link to another page of the app that looks like a button. */
export function ActionLink({ href, className, ...look }: LinkProps) {
  return (
    <Button component={Link} href={href} {...iconOf(look)} className={classOf(look, className)}>
      {look.children}
    </Button>
  );
}

/** A link that downloads a file and looks like a button. */
export function ActionDownload({ href, className, ...look }: LinkProps) {
  return (
    <Button component="a" href={href} download {...iconOf(look)} className={classOf(look, className)}>
      {look.children}
    </Button>
  );
}
