import { useQuery } from '@tanstack/react-query';
import { getFacts } from '../api/calls';

/** The facts that a job has found. They never change. */
export const useFacts = (id: string) =>
  useQuery({
    queryKey: ['facts', id],
    queryFn: ({ signal }) => getFacts(id, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
