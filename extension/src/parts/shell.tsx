import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Container from "@mui/material/Container";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { Activity, CloudUpload, FolderTree, LayoutDashboard, LogOut, Server, Settings } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useLocation } from "wouter";
import { useChange } from "../data/queries.ts";
import { useHome } from "../data/home.ts";
import { words } from "../words.ts";

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
      <Link
        href="#content"
        onClick={(event) => {
          // The address's fragment is the view's own path.
          event.preventDefault();
          document.querySelector<HTMLElement>("#content")?.focus();
        }}
        sx={{
          position: "absolute",
          left: 8,
          top: -80,
          zIndex: 2000,
          bgcolor: "background.paper",
          p: 1,
          "&:focus": { top: 8 },
        }}
      >
        {words.nav.skip}
      </Link>
      <Box
        component="header"
        sx={{
          bgcolor: "background.paper",
          borderBottom: 1,
          borderColor: "divider",
          position: "sticky",
          top: 0,
          zIndex: 1100,
        }}
      >
        <Container maxWidth="lg" sx={{ display: "flex", alignItems: "center", gap: 1, minHeight: 56 }}>
          <Box sx={{ display: "flex", alignItems: "center", gap: 1, mr: { xs: 0, md: 2 } }}>
            <img src="./icon.svg" alt="" width={28} height={28} />
            <Typography component="span" sx={{ fontWeight: 700, display: { xs: "none", sm: "block" } }}>
              {words.product}
            </Typography>
          </Box>
          <Box
            component="nav"
            aria-label={words.nav.label}
            sx={{ display: "flex", gap: 0.25, overflowX: "auto", flex: 1, minWidth: 0 }}
          >
            {views.map((view) => (
              <ViewLink key={view.path} {...view} />
            ))}
          </Box>
          {transport.home === "browser" && (
            <Tooltip title={words.nav.signOut}>
              <IconButton
                aria-label={words.nav.signOut}
                onClick={() => change.mutate({ method: "DELETE", path: "/api/v1/session" })}
              >
                <LogOut size={18} />
              </IconButton>
            </Tooltip>
          )}
        </Container>
      </Box>
      <Container
        component="main"
        id="content"
        tabIndex={-1}
        maxWidth="lg"
        sx={{ py: { xs: 2, sm: 3.5 }, outline: "none" }}
      >
        {children}
      </Container>
    </>
  );
}

function ViewLink({ path, name, Sign }: (typeof views)[number]): ReactElement {
  const [location, navigate] = useLocation();
  const isHere = path === "/" ? location === "/" || location.startsWith("/modules") : location.startsWith(path);
  return (
    <ButtonBase
      component="a"
      href={`#${path}`}
      aria-current={isHere ? "page" : undefined}
      aria-label={words.nav[name]}
      onClick={(event) => {
        event.preventDefault();
        navigate(path);
      }}
      sx={{
        gap: 0.75,
        px: { xs: 1.25, md: 1.25 },
        minHeight: 56,
        borderBottom: 2,
        borderColor: isHere ? "primary.main" : "transparent",
        fontSize: "0.9rem",
        fontWeight: isHere ? 650 : 500,
        whiteSpace: "nowrap",
        color: isHere ? "primary.main" : "text.secondary",
        "&:hover": { color: "text.primary" },
        flex: "none",
      }}
    >
      <Sign size={18} aria-hidden />
      <Box component="span" sx={{ display: { xs: "none", md: "block" } }}>
        {words.nav[name]}
      </Box>
    </ButtonBase>
  );
}
