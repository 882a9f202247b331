import { useEffect, useState } from 'react';
import { Action } from './Action';
import { announce } from './announce';
import { copyText } from './clipboard';

type Props = {
  children: string;
  /** The text, or how to get it. */
  text: string | (() => Promise<string>);
  kind?: 'plain' | 'bare';
  icon?: 'copy' | 'link';
  big?: boolean;
  className?: string;
};

/** A button that copies, and says for two seconds that it has. */
export function CopyButton({
  children,
  text,
  kind = 'plain',
  icon = 'copy',
  big = false,
  className = '',
}: Props) {
  const [outcome, setOutcome] = useState<'' | 'busy' | 'Copied' | 'Not copied'>('');
  useEffect(() => {
    if (!outcome || outcome === 'busy') return;
    const timer = setTimeout(() => setOutcome(''), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    setOutcome('busy');
    try {
      await copyText(typeof text === 'string' ? text : await text());
      setOutcome('Copied');
      announce('Copied.');
    } catch {
      setOutcome('Not copied');
      announce('Not copied. The browser or the network did not allow it.');
    }
  }

  return (
    <Action
      kind={kind}
      icon={icon}
      big={big}
      className={className}
      loading={outcome === 'busy'}
      onClick={copy}
    >
      {outcome && outcome !== 'busy' ? outcome : children}
    </Action>
  );
}
