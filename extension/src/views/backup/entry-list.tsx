import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { File, Folder, Link2, Workflow } from "lucide";
import { type ReactElement, useEffect } from "react";
import type { BrowseEntry, FolderPage, SearchPage } from "../../../../src/contract/browse.ts";
import { clock, counted, size } from "../../amounts.ts";
import { usePages } from "../../data/use-pages.ts";
import { MoreButton } from "../../parts/more-button.tsx";
import { Name } from "../../parts/name.tsx";
import { Problem } from "../../parts/problem.tsx";
import { Rows } from "../../parts/rows.tsx";
import { Sign } from "../../parts/sign.tsx";
import { visibleText } from "../../visible-text.ts";
import { words } from "../../words.ts";
import { type EntryPath, pathQuery } from "./entry-path.ts";

interface EntryListProps {
  /** The backup's route. */
  route: string;
  folder: EntryPath;
  /** What is searched for; the folder's own entries where it is empty. */
  query: string;
  isChosen: (entry: EntryPath) => boolean;
  onChoose: (entry: EntryPath, on: boolean) => void;
  onOpen: (folder: EntryPath) => void;
  onShow: (file: EntryPath) => void;
}

/** The entries of a folder, or those that a search finds. */
export function EntryList({ route, folder, query, ...handlers }: EntryListProps): ReactElement {
  const path = query === "" ? `${route}/tree?${pathQuery(folder)}` : `${route}/search?q=${encodeURIComponent(query)}`;
  const { pages, isPending, next, isFetchingNext, failure } = usePages<FolderPage | SearchPage>(
    path,
    (page) => page.entries.length,
  );
  const [only] = pages[0]?.entries ?? [];
  // Folders above the sources, of which the backup knows no more than the name, are gone through at once.
  const isOnlyWay = query === "" && pages[0]?.total === 1 && only?.type === "directory" && !only.listed;
  const { onOpen } = handlers;
  useEffect(() => {
    if (isOnlyWay && only !== undefined) onOpen(only);
    // A new function for each drawing is no other way down.
  }, [isOnlyWay, only]);
  if (isPending || isOnlyWay) return <Skeleton variant="rounded" height={260} aria-label={words.loading} />;
  const entries = pages.flatMap((page) => page.entries);
  const total = pages[0]?.total ?? 0;
  return (
    <>
      {failure !== null && <Problem failure={failure} />}
      {query !== "" && (
        <Typography variant="body2" color="text.secondary" role="status" sx={{ mb: 1 }}>
          {total === 0 ? words.files.nothingFound : words.files.found(total.toLocaleString("en"))}
        </Typography>
      )}
      {query === "" && entries.length === 0 && failure === null && (
        <Typography color="text.secondary">{words.files.empty}</Typography>
      )}
      {entries.length > 0 && (
        <Rows>
          {entries.map((entry) => (
            <Row key={entry.path64 ?? entry.path} entry={entry} full={query !== ""} {...handlers} />
          ))}
        </Rows>
      )}
      <MoreButton next={next} isFetchingNext={isFetchingNext} />
    </>
  );
}

const signs = { file: File, directory: Folder, symlink: Link2, hardlink: Link2, fifo: Workflow } as const;

interface RowProps extends Omit<EntryListProps, "route" | "folder" | "query"> {
  entry: BrowseEntry;
  /** Shows the whole path. */
  full: boolean;
}

function Row({ entry, full, isChosen, onChoose, onOpen, onShow }: RowProps): ReactElement {
  const sign = signs[entry.type];
  const isFolder = entry.type === "directory";
  const shown = full ? entry.path : entry.name;
  const facts = [
    ...(isFolder && entry.below !== undefined
      ? [words.files.below(counted(entry.below.entries, "entry", "entries")), size(entry.below.bytes)]
      : []),
    ...(entry.type === "file" ? [size(entry.size)] : []),
    ...(entry.link === undefined ? [] : [words.files.linkTo(entry.link)]),
    ...(entry.listed ? [clock(new Date(Number.parseFloat(entry.mtime) * 1000).toISOString())] : []),
  ];
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        alignItems: "center",
        gap: 0.5,
        pr: 2,
        minHeight: 46,
      }}
    >
      <Checkbox
        size="small"
        checked={isChosen(entry)}
        onChange={({ target }) => onChoose(entry, target.checked)}
        slotProps={{ input: { "aria-label": words.files.select(visibleText(shown)) } }}
      />
      <Box
        component="span"
        sx={{ display: "inline-flex", color: isFolder ? "primary.main" : "text.secondary", mr: 0.75, flex: "none" }}
        aria-hidden
      >
        <Sign of={sign} size={17} />
      </Box>
      <Box
        sx={{ flex: 1, minWidth: 0, display: "flex", flexWrap: "wrap", alignItems: "baseline", columnGap: 2, py: 0.5 }}
      >
        <Box sx={{ flex: "1 1 12rem", minWidth: 0 }}>
          {isFolder || entry.type === "file" ? (
            <Link
              component="button"
              onClick={() => (isFolder ? onOpen(entry) : onShow(entry))}
              underline="hover"
              color="inherit"
              sx={{
                textAlign: "left",
                overflowWrap: "anywhere",
                whiteSpace: "pre-wrap",
                fontWeight: isFolder ? 600 : 400,
              }}
            >
              <Name text={shown} />
            </Link>
          ) : (
            <Box component="span" sx={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
              <Name text={shown} />
            </Box>
          )}
        </Box>
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: "anywhere" }}>
          <Name text={facts.join(" · ")} />
        </Typography>
      </Box>
    </Box>
  );
}
