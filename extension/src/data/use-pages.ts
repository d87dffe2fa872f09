import { useInfiniteQuery } from "@tanstack/react-query";
import type { ApiFailure } from "../transport/transport.ts";
import { useHome } from "./home.ts";

interface Paged {
  more: boolean;
}

/** A list that comes page by page. */
export interface Pages<P> {
  pages: readonly P[];
  isPending: boolean;
  /** Asks for the next page; null where there is none, or while it is on its way. */
  next: (() => void) | null;
  isFetchingNext: boolean;
  failure: ApiFailure | null;
}

/** Asks a route with `skip` raised by what came so far; `length` tells how much a page has. */
export function usePages<P extends Paged>(path: string, length: (page: P) => number): Pages<P> {
  const { transport } = useHome();
  const joint = path.includes("?") ? "&" : "?";
  const query = useInfiniteQuery<P, ApiFailure, { pages: P[] }, string[], number>({
    queryKey: [path],
    queryFn: async ({ pageParam }) => (await transport.request("GET", `${path}${joint}skip=${pageParam}`)) as P,
    initialPageParam: 0,
    getNextPageParam: (last, all) => (last.more ? all.reduce((sum, page) => sum + length(page), 0) : undefined),
    // What is in a backup never changes.
    staleTime: Infinity,
  });
  const canFetch = query.hasNextPage && !query.isFetchingNextPage;
  return {
    pages: query.data?.pages ?? [],
    isPending: query.isPending,
    next: canFetch ? () => void query.fetchNextPage() : null,
    isFetchingNext: query.isFetchingNextPage,
    failure: query.error,
  };
}
