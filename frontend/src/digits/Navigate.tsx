import { type FormEvent, useId, useState } from 'react';
import { formatInteger } from '../numbers/format';
import { parseInteger } from '../numbers/parse';
import { Action } from '../ui/Action';
import { announce } from '../ui/announce';
import { Icon } from '../ui/Icon';
import classes from './Navigate.module.css';

type Props = {
  count: number;
  onGo: (offset: number) => void;
  onPage: (direction: 1 | -1) => void;
  atStart: boolean;
  atEnd: boolean;
};

/** Ways through the digits: to a position, and a screen up or down. */
export function Navigate({ count, onGo, onPage, atStart, atEnd }: Props) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const id = useId();

  function refuse(why: string) {
    setProblem(why);
    announce(why);
  }
  function go(event: FormEvent) {
    event.preventDefault();
    const value = parseInteger(text.replaceAll(',', ''));
    if (value === null) refuse('Write a position such as 1000 or 1e6.');
    else if (BigInt(value) >= BigInt(count)) refuse(`The last digit is number ${formatInteger(count - 1)}.`);
    else onGo(Number(value));
  }

  return (
    <div className={`push ${classes.tools}`}>
      <form className={classes.jump} onSubmit={go} noValidate>
        <label htmlFor={id}>Digit</label>
        <input
          id={id}
          className="num"
          inputMode="numeric"
          autoComplete="off"
          placeholder="1e6"
          size={9}
          value={text}
          aria-invalid={problem !== ''}
          aria-describedby={`${id}-problem`}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setProblem('');
          }}
        />
      </form>
      <Action
        className={classes.square ?? ''}
        aria-label="Earlier digits"
        disabled={atStart}
        onClick={() => onPage(-1)}
      >
        <Icon name="up" />
      </Action>
      <Action
        className={classes.square ?? ''}
        aria-label="Later digits"
        disabled={atEnd}
        onClick={() => onPage(1)}
      >
        <Icon name="down" />
      </Action>
      <span id={`${id}-problem`} className={`bad sm ${classes.problem}`}>
        {problem}
      </span>
    </div>
  );
}
