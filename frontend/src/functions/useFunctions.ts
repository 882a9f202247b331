import { useQuery } from '@tanstack/react-query';
import { listFunctions } from '../api/calls';

/** The catalogue. It changes with the server's version only. */
export const useFunctions = () =>
  useQuery({
    queryKey: ['functions'],
    queryFn: ({ signal }) => listFunctions({ signal }),
    staleTime: 10 * 60_000,
  });

/** One function of the catalogue, or undefined while it loads and for names that it does not hold. */
export function useFunction(name: string) {
  const { data } = useFunctions();
  return data?.find((fn) => fn.name === name);
}
