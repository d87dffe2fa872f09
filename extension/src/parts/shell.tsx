import { Activity, CloudUpload, FolderTree, LayoutDashboard, LogOut, Server, Settings } from "lucide";
import type { ReactElement, ReactNode } from "react";
import { useLocation } from "wouter";
import { useChange } from "../data/queries.ts";
import { useHome } from "../data/home.ts";
import { words } from "../words.ts";
import "./shell.css";
import { Button } from "./button.tsx";
import { Sign } from "./sign.tsx";

const views = [
  { path: "/", name: "overview", sign: LayoutDashboard },
  { path: "/activity", name: "activity", sign: Activity },
  { path: "/machines", name: "machines", sign: Server },
  { path: "/shares", name: "shares", sign: FolderTree },
  { path: "/copies", name: "copies", sign: CloudUpload },
  { path: "/settings", name: "settings", sign: Settings },
] as const;

/** The frame around every view: the name, the views to go to, and the view itself. */
export function Shell({ children }: { children: ReactNode }): ReactElement {
  const { transport } = useHome();
  const change = useChange();
  const [location] = useLocation();
  const here = location.startsWith("/modules") ? "/" : `/${location.split("/")[1] ?? ""}`;
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
          <img src="./icon.png" alt="" width={28} height={28} />
          <span className="product">{words.product}</span>
          <nav aria-label={words.nav.label}>
            {views.map((view) => (
              <ViewLink key={view.path} {...view} isHere={view.path === here} />
            ))}
          </nav>
          {transport.home === "browser" && (
            <Button
              className="icon"
              aria-label={words.nav.signOut}
              title={words.nav.signOut}
              onClick={() => change.mutate({ method: "DELETE", path: "/api/v1/session" })}
            >
              <Sign of={LogOut} size={18} />
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

function ViewLink({ path, name, sign, isHere }: (typeof views)[number] & { isHere: boolean }): ReactElement {
  return (
    <a
      href={`#${path}`}
      aria-current={isHere ? "page" : undefined}
      aria-label={words.nav[name]}
      title={words.nav[name]}
    >
      <Sign of={sign} size={18} />
      <span>{words.nav[name]}</span>
    </a>
  );
}
