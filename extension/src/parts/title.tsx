import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { ChevronRight } from "lucide-react";
import { type ReactElement, type ReactNode, useEffect } from "react";
import { words } from "../words.ts";

interface TitleProps {
  /** What lies above this view, outermost first. */
  above?: readonly { name: string; href: string }[];
  name: string;
  /** Stands behind the name. */
  state?: ReactNode;
  actions?: ReactNode;
}

/** The head of a view: where it lies, its name, and what can be done. Names the page in the browser as well. */
export function Title({ above = [], name, state, actions }: TitleProps): ReactElement {
  useEffect(() => {
    document.title = `${name} · ${words.product}`;
    return () => void (document.title = words.product);
  }, [name]);
  return (
    <Box>
      {above.length > 0 && (
        <Box
          component="nav"
          aria-label={words.nav.above}
          sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 0.5, mb: 0.75, fontSize: "0.875rem" }}
        >
          {above.map(({ name: upper, href }) => (
            <Box
              component="span"
              key={href}
              sx={{ display: "inline-flex", alignItems: "center", gap: 0.5, color: "text.secondary" }}
            >
              <Link href={href} color="inherit" underline="hover">
                {upper}
              </Link>
              <ChevronRight size={14} aria-hidden />
            </Box>
          ))}
        </Box>
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 1.5, rowGap: 1 }}>
        <Typography variant="h1" sx={{ overflowWrap: "anywhere", minWidth: 0 }}>
          {name}
        </Typography>
        <Box sx={{ flex: "1 1 auto" }}>{state}</Box>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>{actions}</Box>
      </Box>
    </Box>
  );
}
