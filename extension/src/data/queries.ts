import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { ApiFailure, Method, Transport } from "../transport/transport.ts";
import { useHome } from "./home.ts";

export interface Asking {
  /** Asked again after so many ms; never where it is missing. */
  everyMs?: number;
  enabled?: boolean;
}

/** How a GET of the path is asked, and under which key its answer is kept. */
export function asking<T>(transport: Transport, path: string): { queryKey: [path: string]; queryFn: () => Promise<T> } {
  // Server and panel come in one image, so the answer is what the contract says.
  return { queryKey: [path], queryFn: async () => (await transport.request("GET", path)) as T };
}

/** What a GET of the path answers, by the API's contract; asked again whenever the window is looked at. */
export function useAnswer<T>(path: string, { everyMs, enabled = true }: Asking = {}): UseQueryResult<T, ApiFailure> {
  const { transport } = useHome();
  return useQuery<T, ApiFailure>({
    ...asking<T>(transport, path),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
}

interface Wish {
  method?: Method;
  path: string;
  body?: unknown;
}

/** Changes something; all that is shown is asked for again afterwards. */
export function useChange<T>(): UseMutationResult<T, ApiFailure, Wish> {
  const { transport } = useHome();
  const queries = useQueryClient();
  return useMutation<T, ApiFailure, Wish>({
    mutationFn: async ({ method = "POST", path, body }) => (await transport.request(method, path, body)) as T,
    onSettled: async () => queries.invalidateQueries(),
  });
}
