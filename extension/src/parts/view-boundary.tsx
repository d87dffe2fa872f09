import { Component, type ErrorInfo, type ReactNode } from "react";
import { words } from "../words.ts";
import { Alert } from "./alert.tsx";
import { Button, ButtonLink } from "./button.tsx";
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
      <Alert tone="bad">
        <h1>{text.title}</h1>
        {text.help}
        <p>
          <code>{error.message}</code>
        </p>
        <div className="row">
          <Button little look="filled" onClick={() => window.location.reload()}>
            {text.reload}
          </Button>
          {at !== "/" && (
            <ButtonLink little look="outlined" href="#/">
              {words.failures.backToOverview}
            </ButtonLink>
          )}
          <CopyButton text={details} label={text.copyDetails} />
        </div>
      </Alert>
    );
  }
}
