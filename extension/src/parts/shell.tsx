import { Activity, CloudUpload, FolderTree, LayoutDashboard, LogOut, Server, Settings } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useLocation } from "wouter";
import { useChange } from "../data/queries.ts";
import { useHome } from "../data/home.ts";
import { words } from "../words.ts";
import "./shell.css";
import { Button } from "./button.tsx";

const views = [
  { path: "/", name: "overview", Sign: LayoutDashboard },
  { path: "/activity", name: "activity", Sign: Activity },
  { path: "/machines", name: "machines", Sign: Server },
  { path: "/shares", name: "shares", Sign: FolderTree },
  { path: "/copies", name: "copies", Sign: CloudUpload },
  { path: "/settings", name: "settings", Sign: Settings },
] as const;

/** The frame around every view: the name, the views to go to, and the view itself. */
export function Shell({ children }: { children: ReactNode }): ReactElement {
  const { transport } = useHome();
  const change = useChange();
  return (
    <>
      <a
        className="skip"
        href="#content"
        onClick={(event) => {
          // The address's fragment is the view's own path.
          event.preventDefault();
          document.querySelector<HTMLElement>("#content")?.focus();
        }}
      >
        {words.nav.skip}
      </a>
      <header className="shell">
        <div className="page">
          <img src="./icon.svg" alt="" width={28} height={28} />
          <span className="product">{words.product}</span>
          <nav aria-label={words.nav.label}>
            {views.map((view) => (
              <ViewLink key={view.path} {...view} />
            ))}
          </nav>
          {transport.home === "browser" && (
            <Button
              className="icon"
              aria-label={words.nav.signOut}
              title={words.nav.signOut}
              onClick={() => change.mutate({ method: "DELETE", path: "/api/v1/session" })}
            >
              <LogOut size={18} aria-hidden />
            </Button>
          )}
        </div>
      </header>
      <main className="page" id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function ViewLink({ path, name, Sign }: (typeof views)[number]): ReactElement {
  const [location] = useLocation();
  const isHere = path === "/" ? location === "/" || location.startsWith("/modules") : location.startsWith(path);
  return (
    <a
      href={`#${path}`}
      aria-current={isHere ? "page" : undefined}
      aria-label={words.nav[name]}
      title={words.nav[name]}
    >
      <Sign size={18} aria-hidden />
      <span>{words.nav[name]}</span>
    </a>
  );
}
