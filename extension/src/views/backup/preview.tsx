import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { type ReactElement, useEffect, useId, useState } from "react";
import type { Preview as Shown } from "../../../../src/contract/browse.ts";
import { useHome } from "../../data/home.ts";
import { useAnswer } from "../../data/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Name } from "../../parts/name.tsx";
import { Problem } from "../../parts/problem.tsx";
import { visibleText } from "../../visible-text.ts";
import { words } from "../../words.ts";
import { type EntryPath, nameOf, pathQuery } from "./entry-path.ts";

interface PreviewProps {
  /** The backup's route. */
  route: string;
  entry: EntryPath;
  onClose: () => void;
}

/** What is in a file, as far as that can be shown, and the way to download it. */
export function Preview({ route, entry, onClose }: PreviewProps): ReactElement {
  const { transport } = useHome();
  const title = useId();
  const name = nameOf(entry.path);
  const preview = useAnswer<Shown>(`${route}/preview?${pathQuery(entry)}`);
  const { download } = transport;
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} maxWidth="md" fullWidth>
      <DialogTitle id={title} sx={{ overflowWrap: "anywhere" }}>
        <Name text={name} />
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: "anywhere" }}>
          <Name text={entry.path} />
        </Typography>
      </DialogTitle>
      <DialogContent dividers>
        {preview.isPending && <Skeleton variant="rounded" height={200} />}
        {preview.error !== null && <Problem failure={preview.error} />}
        {preview.data !== undefined && <Content shown={preview.data} name={name} />}
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        {download === null && (
          <Typography variant="body2" color="text.secondary" sx={{ flex: 1 }}>
            {words.files.noDownload}
          </Typography>
        )}
        <Button onClick={onClose}>{words.common.close}</Button>
        {download !== null && (
          <Button look="filled" onClick={() => download(`${route}/file?${pathQuery(entry)}`)}>
            {words.files.download}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Content({ shown, name }: { shown: Shown; name: string }): ReactElement {
  switch (shown.kind) {
    case "text":
      return (
        <>
          <Box
            component="pre"
            tabIndex={0}
            dir="auto"
            sx={{ m: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: "0.85rem" }}
          >
            {shown.text}
          </Box>
          {shown.cut && (
            <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
              {words.files.cut}
            </Typography>
          )}
        </>
      );
    case "image":
      return <Picture base64={shown.base64} mediaType={shown.mediaType} name={name} />;
    case "none":
      return (
        <Typography color="text.secondary">
          {shown.reason === "binary" ? words.files.binary : words.files.tooBig}
        </Typography>
      );
  }
}

/** The page's policy allows no data: addresses, but what the page itself has made. */
function Picture({
  base64,
  mediaType,
  name,
}: {
  base64: string;
  mediaType: string;
  name: string;
}): ReactElement | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [base64, mediaType]);
  if (address === null) return null;
  return (
    <Box
      component="img"
      src={address}
      alt={visibleText(name)}
      sx={{ maxWidth: "100%", display: "block", mx: "auto" }}
    />
  );
}
