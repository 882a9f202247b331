import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Fragment, StrictMode } from 'react';
import { vi } from 'vitest';
import { App } from '../src/app/App';
import { newQueryClient, Providers } from '../src/app/Providers';
import { StandIn } from './standIn';

/** Opens the whole app at an address, with a server in memory behind it; `strict` runs every effect twice, as development does. */
export function openApp(path: string, prepare: (server: StandIn) => void = () => {}, strict = false) {
  const server = new StandIn();
  prepare(server);
  vi.stubGlobal('fetch', server.fetch);
  vi.stubGlobal('EventSource', server.streams.source);
  window.history.pushState(null, '', path);
  const client = newQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const Mode = strict ? StrictMode : Fragment;
  const view = render(
    <Mode>
      <Providers client={client}>
        <App />
      </Providers>
    </Mode>,
  );
  return { server, client, user: userEvent.setup(), ...view };
}
