import { useState } from 'react';
import type { CatalogueFunction } from '../api/types';
import { useQuerySync } from '../app/useQuerySync';
import { argsFromQuery, firstArgs, firstMethod, formQuery, methodFromQuery } from '../functions/fields';
import { useFunctions } from '../functions/useFunctions';
import { Bones } from '../ui/Bones';
import { ErrorState } from '../ui/ErrorState';
import { Bench } from './Bench';
import { Examples } from './Examples';
import { FunctionCards } from './FunctionCards';
import { useArguments } from './useArguments';

/** The front page: choose a function and a value, see what it would give, compute it. */
export function ComputePage() {
  const { data: functions, error, refetch } = useFunctions();
  const [first] = functions ?? [];
  return (
    <>
      <title>Compute · Numbermill</title>
      <div className="head">
        <div>
          <h1>Compute an exact integer</h1>
          <p className="lead">
            Choose a function and a value. You get every digit, checked before you see it.
          </p>
        </div>
      </div>
      {functions && first ? (
        <Home functions={functions} first={first} />
      ) : error ? (
        <ErrorState error={error} retry={refetch} />
      ) : (
        <Bones
          label="Loading the functions"
          rows={[
            { width: '100%', height: 132 },
            { width: '99.9%', height: 350 },
          ]}
        />
      )}
    </>
  );
}

function Home({ functions, first }: { functions: CatalogueFunction[]; first: CatalogueFunction }) {
  const named = (name: string | null) => functions.find((fn) => fn.name === name);
  const [start] = useState(() => window.location.search.slice(1));
  const [chosen, setChosen] = useState(() => named(new URLSearchParams(start).get('function')) ?? first);
  const [methods, setMethods] = useState<Record<string, string>>({
    [chosen.name]: methodFromQuery(chosen, start),
  });
  const method = methods[chosen.name] ?? firstMethod(chosen);
  const [args, setArgs] = useArguments(chosen, start);

  const keepAddress = useQuerySync(formQuery({ function: chosen.name, ...args }, method), (search) => {
    const fn = named(new URLSearchParams(search).get('function')) ?? first;
    setChosen(fn);
    setArgs(argsFromQuery(fn, search, firstArgs(fn)), fn);
    setMethods({ ...methods, [fn.name]: methodFromQuery(fn, search) });
  });

  return (
    <>
      <FunctionCards
        functions={functions}
        chosen={chosen.name}
        onChoose={(name) => setChosen(named(name) ?? first)}
      />
      <Bench
        key={chosen.name}
        fn={chosen}
        args={args}
        method={method}
        onArgs={setArgs}
        onSubmit={keepAddress}
        onMethod={(next) => setMethods({ ...methods, [chosen.name]: next })}
      />
      <Examples
        rows={functions.flatMap((fn) => fn.examples.slice(0, 2).map((example) => ({ fn, example })))}
      />
    </>
  );
}
