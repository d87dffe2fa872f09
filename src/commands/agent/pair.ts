import { Failure } from "../../failure/failure.ts";
import { findMachine } from "../../flow/machine/find-machine.ts";
import { addressesOf, pairSidecar, revokeSidecar } from "../../link/agent/pair-sidecar.ts";
import type { AgentCommand } from "./agent-command.ts";

export const pair: AgentCommand = {
  name: "pair",
  summary: "let the sidecar in a machine reach this agent",
  usage: `davit agent pair MACHINE [--also MACHINE…] [--address HOST[:PORT]]
davit agent pair --elsewhere [--also MACHINE…] [--address HOST[:PORT]]
davit agent pair MACHINE --revoke

Prints one line, for DAVIT_AGENT in the environment of the Davit that runs in MACHINE. It holds a secret, and is shown this
once. From then on that Davit is asked to hold its modules for the instant of a backup, and its panel and CLI show the machine
and start its jobs. It can delete and overwrite nothing. Pairing again shuts out the line from before.

  --also MACHINE   another machine that it may see and start jobs for
  --elsewhere      a Davit that runs in none of these machines
  --address        under which it reaches this host, where that isn't the first one found
  --revoke         end the pairing`,
  options: {
    also: { type: "string", multiple: true },
    elsewhere: { type: "boolean" },
    address: { type: "string" },
    revoke: { type: "boolean" },
  },
  async run({ values, names, output, open }) {
    const elsewhere = values["elsewhere"] === true;
    const [name] = names;
    if (names.length > 1 || (name === undefined) !== elsewhere)
      throw new Failure("usage", "name the machine that the sidecar runs in, or give --elsewhere", {
        hint: "`davit agent machines` lists them",
      });
    const host = await open();
    const machine = name === undefined ? null : findMachine(host, name).name;
    const also = [values["also"] ?? []].flat().map((one) => findMachine(host, String(one)).name);
    const { state, listen } = host.config;
    if (values["revoke"] === true) {
      const revoked = await revokeSidecar(state, machine);
      output.data({ machine, revoked });
      output.line(revoked ? "the pairing is ended" : "there was no such pairing");
      return 0;
    }
    const addresses = addressesOf(listen.host);
    const address = addressFrom(values["address"], { host: addresses[0] ?? listen.host, port: listen.port });
    const line = await pairSidecar({ state, address, machine, also, now: host.now() });
    output.data({ machine, also, line, addresses });
    output.line(`DAVIT_AGENT=${line}`);
    output.problem(
      "put that line into the environment of the sidecar, and create its container anew; it is shown this once",
    );
    if (values["address"] === undefined && addresses.length > 1)
      output.problem(`other addresses of this host: ${addresses.slice(1).join(", ")} (--address)`);
    return 0;
  },
};

function addressFrom(given: unknown, found: { host: string; port: number }): { host: string; port: number } {
  if (typeof given !== "string") return found;
  const [, six, other, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/u.exec(given) ?? [];
  const host = six ?? other;
  if (host === undefined || Number(port ?? 1) > 65_535)
    throw new Failure("usage", `--address is ${JSON.stringify(given)}, which is no address`, {
      hint: "--address 192.168.122.1, --address [fd00::1]:8470",
    });
  return { host, port: port === undefined ? found.port : Number(port) };
}
