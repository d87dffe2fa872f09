import { createContext, useContext } from "react";
import type { Home } from "../transport/choose-transport.ts";

const HomeContext = createContext<Home | null>(null);
export const HomeProvider = HomeContext.Provider;

/** Where the panel runs, and how it reaches Davit. */
export function useHome(): Home {
  const home = useContext(HomeContext);
  if (home === null) throw new Error("the panel has no home");
  return home;
}
