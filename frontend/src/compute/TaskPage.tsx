import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Args, CatalogueFunction } from '../api/types';
import { keepFocus } from '../app/focus';
import { NotFound } from '../app/NotFound';
import { useQuerySync } from '../app/useQuerySync';
import { FormulaOfDefinition } from '../functions/Formula';
import { argsFromQuery, firstArgs, formQuery, methodFromQuery, taskPath } from '../functions/fields';
import { notations } from '../functions/notation';
import { useFunctions } from '../functions/useFunctions';
import { Bones } from '../ui/Bones';
import { ErrorState } from '../ui/ErrorState';
import { Segments } from '../ui/Segments';
import { AboutFunction } from './AboutFunction';
import { Bench } from './Bench';
import { Examples } from './Examples';
import classes from './TaskPage.module.css';
import { familyOf, useArguments } from './useArguments';

/** The page of one function, whatever function the catalogue holds. */
export function TaskPage({ name }: { name: string }) {
  const { data: functions, error, refetch } = useFunctions();
  const fn = functions?.find((f) => f.name === name);
  if (functions && !fn) {
    return <NotFound title="No function of that name">The catalogue does not hold {name}.</NotFound>;
  }
  if (error && !fn) return <ErrorState error={error} retry={refetch} level={1} />;
  if (!functions || !fn) {
    return (
      <Bones
        label="Loading the function"
        rows={[
          { width: '40%', height: 32 },
          { width: '100%', height: 350 },
        ]}
      />
    );
  }
  return <Task key={familyOf(fn)} fn={fn} functions={functions} />;
}

function Task({ fn, functions }: { fn: CatalogueFunction; functions: CatalogueFunction[] }) {
  const [start] = useState(() => window.location.search.slice(1));
  const [args, setArgs] = useArguments(fn, start);
  const [method, setMethod] = useState(() => methodFromQuery(fn, start));

  const keepAddress = useQuerySync(formQuery(args, method), (search) => {
    setArgs(argsFromQuery(fn, search, firstArgs(fn)));
    setMethod(methodFromQuery(fn, search));
  });

  return (
    <>
      <title>{`${fn.title} · Numbermill`}</title>
      <div className={`head ${classes.head}`}>
        <div>
          <h1>{fn.title}</h1>
          <p className="lead">{fn.summary}</p>
        </div>
        <p className={classes.formula}>
          <FormulaOfDefinition fn={fn} />
        </p>
      </div>
      <FamilySwitch fn={fn} functions={functions} args={args} method={method} />
      <Bench
        key={fn.name}
        fn={fn}
        args={args}
        method={method}
        onArgs={setArgs}
        onSubmit={keepAddress}
        onMethod={setMethod}
      />
      <AboutFunction fn={fn} method={fn.methods.find(({ name }) => name === method)} />
      <Examples rows={fn.examples.map((example) => ({ fn, example }))} />
    </>
  );
}

type SwitchProps = { fn: CatalogueFunction; functions: CatalogueFunction[]; args: Args; method: string };

/** The switch between functions that take the same arguments, such as one Fibonacci number and the sum up to it. */
function FamilySwitch({ fn, functions, args, method }: SwitchProps) {
  const [, navigate] = useLocation();
  const family = notations[fn.name]?.family?.name;
  const members = functions.filter(({ name }) => family && notations[name]?.family?.name === family);
  if (members.length < 2) return null;
  return (
    <Segments
      className={classes.family ?? ''}
      aria-label="What to compute"
      value={fn.name}
      onChange={(name) => navigate(taskPath(name, args, method), { state: keepFocus })}
      data={members.map(({ name }) => ({ value: name, label: notations[name]?.family?.label ?? name }))}
    />
  );
}
