import Box from "@mui/material/Box";
import Container from "@mui/material/Container";
import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useQueryClient } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide";
import { type FormEvent, type ReactElement, useState } from "react";
import { useHome } from "../../data/home.ts";
import { Button } from "../../parts/button.tsx";
import { Sign } from "../../parts/sign.tsx";
import { ApiFailure } from "../../transport/transport.ts";
import { words } from "../../words.ts";

/** Asks for the password; whoever has signed in sees the panel. */
export function SignIn(): ReactElement {
  const { transport } = useHome();
  const queries = useQueryClient();
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function signIn(): Promise<void> {
    setBusy(true);
    try {
      await transport.request("POST", "/api/v1/session", { password });
      setProblem(null);
      await queries.resetQueries();
    } catch (error) {
      setProblem(error instanceof ApiFailure ? [error.message, error.hint].filter(Boolean).join(": ") : String(error));
      setBusy(false);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    void signIn();
  }

  return (
    <Container component="main" maxWidth="xs" sx={{ pt: { xs: 4, sm: 12 } }}>
      <Paper variant="outlined" sx={{ p: { xs: 3, sm: 4 } }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 1.25, mb: 3 }}>
          <img src="./icon.png" alt="" width={36} height={36} />
          <Typography variant="h2" component="p" sx={{ fontSize: "1.3rem" }}>
            {words.product}
          </Typography>
        </Box>
        <Typography variant="h1" sx={{ mb: 2 }}>
          {words.signIn.title}
        </Typography>
        <form onSubmit={submit}>
          <input name="username" autoComplete="username" value="davit" readOnly hidden />
          <TextField
            label={words.signIn.password}
            type={shown ? "text" : "password"}
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={({ target }) => setPassword(target.value)}
            error={problem !== null}
            helperText={<span role="alert">{problem}</span>}
            required
            fullWidth
            autoFocus
            slotProps={{
              inputLabel: { required: false },
              input: {
                endAdornment: (
                  <InputAdornment position="end">
                    <IconButton
                      edge="end"
                      aria-label={shown ? words.signIn.hide : words.signIn.show}
                      onClick={() => setShown(!shown)}
                    >
                      {shown ? <Sign of={EyeOff} size={18} /> : <Sign of={Eye} size={18} />}
                    </IconButton>
                  </InputAdornment>
                ),
              },
            }}
          />
          <Box sx={{ display: "grid", mt: 1.5 }}>
            <Button type="submit" look="filled" busy={busy}>
              {words.signIn.submit}
            </Button>
          </Box>
        </form>
        <Typography variant="body2" color="text.secondary" sx={{ mt: 3 }}>
          {words.signIn.help}
        </Typography>
      </Paper>
    </Container>
  );
}
