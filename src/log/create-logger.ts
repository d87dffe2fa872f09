import { pino, type LevelWithSilent, type Logger } from "pino";
import pretty from "pino-pretty";

/**
 * The program's log: a JSON line an event, or readable lines where `stream` is a terminal. Errors show their message; their
 * stack only at level debug and below.
 */
export function createLogger(
  config: { logLevel: LevelWithSilent },
  stream: NodeJS.WritableStream & { isTTY?: boolean } = process.stderr,
): Logger {
  const detailed = config.logLevel === "debug" || config.logLevel === "trace";
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: detailed ? pino.stdSerializers.err : briefError },
  };
  if (stream.isTTY !== true) return pino(options, stream);
  return pino(options, pretty({ destination: stream, colorize: true, translateTime: "SYS:HH:MM:ss", sync: true }));
}

function briefError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { message, name } = thrown;
  const kind = "kind" in thrown ? { kind: thrown.kind } : { name };
  return { ...kind, message, ...("hint" in thrown && thrown.hint !== undefined ? { hint: thrown.hint } : {}) };
}
