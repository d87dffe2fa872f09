import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Component, type ErrorInfo, type ReactNode } from "react";
import { words } from "../words.ts";
import { CopyButton } from "./copy-button.tsx";

interface ViewBoundaryProps {
  /** Where the view lies; going elsewhere is the way out of one that broke. */
  at: string;
  children: ReactNode;
}

interface Broken {
  /** What broke; null while nothing did. */
  error: { message: string; trace: string } | null;
  /** The parts of the view that it broke in, innermost first. */
  within: string;
}

const text = words.failures.broken;

/** Keeps a view that breaks from taking the panel with it: says so, and shows the ways on. */
export class ViewBoundary extends Component<ViewBoundaryProps, Broken> {
  override state: Broken = { error: null, within: "" };

  static getDerivedStateFromError(error: unknown): Partial<Broken> {
    const message = error instanceof Error ? error.message : String(error);
    return { error: { message, trace: error instanceof Error ? (error.stack ?? message) : message } };
  }

  override componentDidCatch(_error: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ within: componentStack ?? "" });
  }

  override componentDidUpdate(before: ViewBoundaryProps): void {
    if (before.at !== this.props.at && this.state.error !== null) this.setState({ error: null, within: "" });
  }

  override render(): ReactNode {
    const { error, within } = this.state;
    const { at, children } = this.props;
    if (error === null) return children;
    const details = [at, error.trace, within.trim(), navigator.userAgent].join("\n\n");
    return (
      <Alert severity="error" variant="outlined" sx={{ bgcolor: "background.paper", overflowWrap: "anywhere" }}>
        <AlertTitle component="h1">{text.title}</AlertTitle>
        {text.help}
        <Box component="code" sx={{ display: "block", mt: 1, fontSize: "0.85em" }}>
          {error.message}
        </Box>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, mt: 1.5 }}>
          <Button size="small" variant="contained" onClick={() => window.location.reload()}>
            {text.reload}
          </Button>
          {at !== "/" && (
            <Button size="small" variant="outlined" href="#/">
              {words.failures.backToOverview}
            </Button>
          )}
          <CopyButton text={details} label={text.copyDetails} />
        </Box>
      </Alert>
    );
  }
}
