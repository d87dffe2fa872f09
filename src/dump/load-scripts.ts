/**
 * Gives a program ("$@") its configuration with secrets as a file that is none, so that they stand on no command line and no disk,
 * and leaves it its standard input.
 */
export const mongodbScript = `
exec 4<&0
printf '%s' "$DAVIT_MONGODB_CONFIG" | env -u DAVIT_MONGODB_CONFIG "$@" --config=/dev/fd/3 3<&0 <&4`;

/**
 * Starts a second server ($2) on the dump that comes in, makes the first its replica until it has all, and ends the second: so
 * the first takes the data in while it runs, and writes it into its own append-only file. It runs to its end inside the
 * container even where nobody waits for it any more, so that the first never stays a replica.
 */
export const redisScript = `
umask 077
cli=$1 server=$2 joined= pid=
folder=$(mktemp -d) || exit
main() { "$cli" "$@"; }
second() ( unset REDISCLI_AUTH; exec "$cli" -p "$port" "$@" )
finish() {
	code=$?
	trap '' EXIT HUP INT TERM
	[ -z "$joined" ] || main replicaof no one >/dev/null
	[ -z "$pid" ] || { kill "$pid"; wait "$pid"; } 2>/dev/null
	rm -rf "$folder"
	exit "$code"
}
fail() { echo "$1" >&2; exit 1; }
alive() { kill -0 "$pid" 2>/dev/null || fail "the second server ended: $(tail -n 3 "$folder/log")"; sleep 0.2; }
trap finish EXIT
trap 'exit 1' HUP INT TERM
cat >"$folder/dump.rdb" || exit
state=$(main info replication) || exit
case $state in
*role:master*) ;;
*role:*) fail "it is a replica of another server: load the dump into that one" ;;
*) fail "$state" ;;
esac
port=$((20000 + $$ % 20000))
(
	unset REDISCLI_AUTH
	exec "$server" --port "$port" --bind 127.0.0.1 --dir "$folder" --dbfilename dump.rdb --appendonly no --save '' \\
		--logfile "$folder/log" --daemonize no
) </dev/null >/dev/null 2>&1 &
pid=$!
until [ "$(second ping 2>/dev/null)" = PONG ]; do alive; done
joined=yes
answer=$(main replicaof 127.0.0.1 "$port")
[ "$answer" = OK ] || fail "$answer"
tries=0
until main info replication | grep -q '^master_link_status:up'; do
	alive
	tries=$((tries + 1))
	if [ "$tries" -gt 150 ] && main info replication | grep -q '^master_sync_in_progress:0'; then
		fail "the server did not take the data over: see its log"
	fi
done
answer=$(main replicaof no one)
[ "$answer" = OK ] || fail "$answer"
joined=`;

/**
 * Builds a database ($2) from the dump beside the one that is there, then copies it over that one page by page in one
 * transaction, which programs that have it open see like any other.
 */
export const sqliteScript = `
umask 077
cli=$1 database=$2 new=$2.davit-load
trap 'rm -f "$new" "$new-journal"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$new"
size=4096
[ ! -s "$database" ] || size=$("$cli" -readonly "$database" 'pragma page_size') || exit
{ echo "pragma page_size = $size;"; cat; } | "$cli" -bail "$new" || exit
"$cli" -bail -cmd '.timeout 60000' "$database" ".restore '$new'"`;
