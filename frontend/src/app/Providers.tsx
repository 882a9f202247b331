import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemError } from '../api/http';
import { theme } from '../theme';

/** A client that asks again only where the server did not answer: what it has said, it will say again. */
export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always', // the server may well be on this machine
        retry: (failures, error) => failures < 2 && !(error instanceof ProblemError),
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { networkMode: 'always' },
    },
  });

/** What the app stands in. Mantine adds no styles of its own at run time: its variables are in styles/mantine.gen.css. */
export const Providers = ({ client, children }: { client: QueryClient; children: ReactNode }) => (
  <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  </MantineProvider>
);
