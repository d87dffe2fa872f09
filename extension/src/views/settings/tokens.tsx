import { Alert } from "../../parts/alert.tsx";
import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { type FormEvent, type ReactElement, useState } from "react";
import type { TokenView } from "../../../../src/contract/api.ts";
import { dayOf } from "../../amounts.ts";
import { useAnswer, useChange } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Section } from "../../parts/section.tsx";
import { words } from "../../words.ts";

const text = words.settings;

/** The API tokens: who has one, a new one, and taking one back. */
export function Tokens(): ReactElement {
  const list = useAnswer<{ tokens: TokenView[] }>("/api/v1/tokens");
  const make = useChange<TokenView & { token: string }>();
  const revoke = useChange();
  const [name, setName] = useState("");
  const [going, setGoing] = useState<TokenView | null>(null);
  const failure = list.error ?? make.error ?? revoke.error;

  function submit(event: FormEvent): void {
    event.preventDefault();
    make.mutate({ path: "/api/v1/tokens", body: { name } }, { onSuccess: () => setName("") });
  }

  return (
    <Section title={text.tokens} help={text.tokensHelp}>
      {failure !== null && <Problem failure={failure} />}
      <Paper variant="outlined" sx={{ p: 2 }}>
        {list.data?.tokens.length === 0 && <Typography color="text.secondary">{text.noTokens}</Typography>}
        {(list.data?.tokens ?? []).map((token) => (
          <Box key={token.id} sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1.5, py: 0.5 }}>
            <Typography sx={{ flex: 1, minWidth: 120, overflowWrap: "anywhere" }}>{token.name}</Typography>
            <Typography variant="body2" color="text.secondary">
              {text.made(dayOf(token.created))}
            </Typography>
            <Button little warn onClick={() => setGoing(token)}>
              {text.revoke}
            </Button>
          </Box>
        ))}
        {make.data !== undefined && (
          <Box sx={{ my: 1.5 }}>
            <Alert tone="good" action={<CopyButton text={make.data.token} />}>
              {text.once}
              <p>
                <code>{make.data.token}</code>
              </p>
            </Alert>
          </Box>
        )}
        <Box component="form" onSubmit={submit} sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, mt: 1.5 }}>
          <TextField
            size="small"
            label={text.tokenName}
            value={name}
            onChange={({ target }) => setName(target.value)}
            sx={{ flex: 1, minWidth: 180 }}
          />
          <Button type="submit" look="outlined" disabled={name.trim() === ""} busy={make.isPending}>
            {text.make}
          </Button>
        </Box>
      </Paper>
      <Confirm
        open={going !== null}
        title={text.revokeTitle(going?.name ?? "")}
        action={text.revoke}
        onClose={() => setGoing(null)}
        onConfirm={() => {
          if (going !== null) revoke.mutate({ method: "DELETE", path: `/api/v1/tokens/${going.id}` });
          setGoing(null);
        }}
      >
        {text.revokeHelp}
      </Confirm>
    </Section>
  );
}
