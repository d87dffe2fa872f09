import { Alert } from "../../parts/alert.tsx";
import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import { type FormEvent, type ReactElement, useState } from "react";
import { useChange } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";

const text = words.settings;
const shortest = 10;

/** Changes the panel's password. */
export function Password(): ReactElement {
  const change = useChange();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    const done = (): void => {
      setCurrent("");
      setNext("");
    };
    change.mutate({ path: "/api/v1/password", body: { current, next } }, { onSuccess: done });
  }

  return (
    <Section title={text.password}>
      <Paper variant="outlined" sx={{ p: 2 }}>
        <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 1.5, maxWidth: 420 }}>
          <input name="username" autoComplete="username" value="davit" readOnly hidden />
          <TextField
            size="small"
            type="password"
            label={text.current}
            autoComplete="current-password"
            value={current}
            onChange={({ target }) => setCurrent(target.value)}
          />
          <TextField
            size="small"
            type="password"
            label={text.next}
            autoComplete="new-password"
            helperText={text.nextHelp}
            value={next}
            onChange={({ target }) => setNext(target.value)}
          />
          <Box>
            <Button
              type="submit"
              look="outlined"
              disabled={current === "" || next.length < shortest}
              busy={change.isPending}
            >
              {text.change}
            </Button>
          </Box>
          {change.error !== null && <Problem failure={change.error} />}
          {change.isSuccess && (
            <Alert tone="good" role="status">
              {text.changed}
            </Alert>
          )}
        </Box>
      </Paper>
    </Section>
  );
}
