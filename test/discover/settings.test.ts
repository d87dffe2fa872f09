import { describe, expect, test } from "vitest";
import type { Module } from "../../src/contract/module.ts";
import { isUsable } from "../../src/contract/module.ts";
import { modulesFromInspects } from "../../src/discover/modules-from-inspects.ts";
import { defaultExclusions } from "../../src/format/exclusions.ts";
import { bind, configWith, container } from "../fixtures/container.ts";

const on = { "davit.enable": "true" };
const mounts = [bind("/opt/docker/volumes/nas")];

function only(labels: Record<string, string>, config = configWith()): Module {
  const [module, more] = modulesFromInspects([container("nas", { ...on, ...labels }, { mounts })], config);
  if (module === undefined || more !== undefined) throw new Error("one module was expected");
  return module;
}

describe("settings", () => {
  test("have defaults", () => {
    expect(only({}).settings).toEqual({
      schedule: "0 2 * * *",
      timezone: "Europe/Berlin",
      keep: { last: 7, daily: 7, weekly: 4, monthly: 6 },
      exclude: defaultExclusions,
      include: [],
      hold: "pause",
      holdTimeoutSeconds: 60,
      compression: { type: "gzip", level: 6 },
      drill: { check: { type: "health" }, container: null, timeoutSeconds: 300, schedule: null },
      copy: null,
    });
    expect(only({}).warnings).toEqual([]);
  });

  test("labels override the module's entry in davit.yaml, which overrides that for all", () => {
    const config = configWith({
      modules: { nas: { hold: "stop", keep: "last=2" }, "*": { hold: "live", keep: "last=1", compression: "none" } },
    });
    const { settings, warnings } = only({ "davit.hold": "pause" }, config);
    expect(settings).toMatchObject({ hold: "pause", keep: { last: 2 }, compression: { type: "none" } });
    expect(warnings).toEqual([]);
  });

  test("are told with where each comes from", () => {
    const config = configWith({ modules: { nas: { keep: "last=2" }, "*": { compression: "none" } } });
    const { origins } = only({ "davit.hold": " stop " }, config);
    expect(origins).toContainEqual({ name: "davit.hold", value: "stop", from: "davit.hold of container nas" });
    expect(origins).toContainEqual({ name: "davit.keep", value: "last=2", from: "modules.nas.keep in davit.yaml" });
    expect(origins).toContainEqual({
      name: "davit.compression",
      value: "none",
      from: "modules.*.compression in davit.yaml",
    });
    expect(origins).toContainEqual({ name: "davit.schedule", value: "0 2 * * *", from: null });
    expect(only({ "davit.hold": "sideways" }).origins).toContainEqual({
      name: "davit.hold",
      value: "pause",
      from: null,
    });
  });

  test("exclusions add to the defaults, and none drops them", () => {
    expect(only({ "davit.exclude": "*.bak" }).settings.exclude).toEqual([...defaultExclusions, "*.bak"]);
    expect(only({ "davit.exclude": "none,*.bak" }).settings.exclude).toEqual(["*.bak"]);
  });
});

describe("a container's own settings", () => {
  test("are its hooks and its dump", () => {
    const { containers, settings, warnings } = only({
      "davit.hold": "hooks",
      "davit.exec.hold": "sh -c 'sync; sync'",
      "davit.exec.hold.user": "1000:1000",
      "davit.exec.release": '["true"]',
      "davit.dump": "sqlite:/data/app.db",
    });
    expect(settings.hold).toBe("hooks");
    expect(containers[0]).toMatchObject({
      hooks: {
        hold: { command: ["sh", "-c", "sync; sync"], user: "1000:1000" },
        release: { command: ["true"], user: null },
      },
      dump: { kind: "sqlite", path: "/data/app.db" },
    });
    expect(warnings).toEqual([]);
    expect(only({}).containers[0]).toMatchObject({ hooks: {}, dump: null });
  });

  test("come from the labels of other tools as well", () => {
    const { containers } = only({
      "docker-volume-backup.archive-pre": "sh -c 'mysqldump > /data/dump.sql'",
      "docker-volume-backup.archive-pre.user": "mysql",
      "nautical-backup.lifecycle.after": "rm /data/dump.sql",
    });
    expect(containers[0]?.hooks).toEqual({
      "before-hold": { command: ["sh", "-c", "mysqldump > /data/dump.sql"], user: "mysql" },
      after: { command: ["rm", "/data/dump.sql"], user: null },
    });
  });
});

describe("warnings", () => {
  test("an unknown label names the nearest", () => {
    const module = only({ "davit.schedul": "0 3 * * *" });
    expect(module.warnings).toEqual([
      {
        severity: "warning",
        message: "the label davit.schedul of container nas is not known and has no effect",
        hint: "did you mean davit.schedule?",
      },
    ]);
    expect(isUsable(module)).toBe(true);
  });

  test("an unknown key of davit.yaml names the nearest", () => {
    const module = only({}, configWith({ modules: { nas: { compresion: "none" } } }));
    expect(module.warnings).toMatchObject([{ severity: "warning", hint: "did you mean compression?" }]);
  });

  test("a value that makes no sense stops the module's backups", () => {
    const module = only({ "davit.keep": "sometimes" });
    expect(isUsable(module)).toBe(false);
    expect(module.warnings[0]?.message).toBe(
      'davit.keep of container nas has a value that makes no sense: "sometimes"',
    );
    expect(module.warnings[0]?.hint).toContain("last=7");
  });

  test("so does one in davit.yaml, and it is named", () => {
    const module = only({}, configWith({ modules: { "*": { timezone: "Mars" } } }));
    expect(isUsable(module)).toBe(false);
    expect(module.warnings[0]?.message).toContain("modules.*.timezone in davit.yaml");
  });

  test.each([
    ["davit.copy", "cloud", "davit.copy=cloud is not available yet"],
    ["davit.engine", "restic", "davit.engine=restic is not available yet"],
  ])("%s=%s says that it is not available yet", (label, value, message) => {
    const module = only({ [label]: value });
    expect(module.warnings).toMatchObject([{ severity: "warning", message }]);
    expect(module.settings.hold).toBe("pause");
  });

  test("a copy goes to the agent, or nowhere; where none is paired, that is told", () => {
    const agent = { host: "192.168.122.1", port: 8470, fingerprint: "ab".repeat(32), token: "t".repeat(43) };
    const paired = only({ "davit.copy": "agent" }, configWith({ agent }));
    expect(paired).toMatchObject({ settings: { copy: ["agent"] }, warnings: [] });
    expect(only({ "davit.copy": "off" })).toMatchObject({ settings: { copy: [] }, warnings: [] });
    expect(only({ "davit.copy": "agent" }).warnings).toMatchObject([
      { severity: "warning", message: expect.stringContaining("no agent is paired") },
    ]);
  });

  test("a drill has its check, the container that was named for it, and its times", () => {
    const module = only({
      "davit.drill": 'exec:psql -c "select 1"',
      "davit.drill.schedule": "0 4 * * sun",
      "davit.drill.timeout": "10m",
    });
    expect(module.warnings).toEqual([]);
    expect(module.settings.drill).toEqual({
      check: { type: "exec", command: ["psql", "-c", "select 1"] },
      container: "nas",
      timeoutSeconds: 600,
      schedule: "0 4 * * sun",
    });
  });

  test("labels that come later are checked all the same", () => {
    expect(isUsable(only({ "davit.dump": "oracle" }))).toBe(false);
    expect(isUsable(only({ "davit.drill": "ping" }))).toBe(false);
  });

  test("a command whose quotes are not closed is an error", () => {
    const module = only({ "davit.exec.after": "sh -c 'true" });
    expect(isUsable(module)).toBe(false);
    expect(module.warnings[0]?.hint).toContain("quotes are closed");
  });

  test.each([
    [{ "davit.exec.hold": "sync" }, "davit.exec.hold of container nas has no effect with davit.hold=pause"],
    [{ "davit.exec.release": "sync" }, "davit.exec.release of container nas has no effect with davit.hold=pause"],
    [
      { "davit.exec.after.user": "web" },
      "davit.exec.after.user of container nas has no effect without davit.exec.after",
    ],
  ])("%j is told to have no effect", (labels, message) => {
    expect(only(labels).warnings).toMatchObject([{ severity: "warning", message }]);
  });

  test("hooks in davit.yaml are told to have no effect, since they belong to a container", () => {
    const module = only({}, configWith({ modules: { nas: { "exec.after": "sync" } } }));
    expect(module.warnings).toMatchObject([
      { severity: "warning", hint: "set the label davit.exec.after on the container that it is meant for" },
    ]);
  });

  test("a hold by hooks without a hook for it is an error", () => {
    const module = only({ "davit.hold": "hooks", "davit.exec.release": "sync" });
    expect(isUsable(module)).toBe(false);
    expect(module.warnings.map((one) => one.severity)).toEqual(["warning", "error"]);
  });

  test("a module's name that can't be one is an error", () => {
    const module = only({ "davit.module": "../../etc" });
    expect(module.name).toBe("nas");
    expect(isUsable(module)).toBe(false);
  });

  test("containers of one module that disagree are both named", () => {
    const [module] = modulesFromInspects(
      [
        container("web", { ...on, "davit.module": "shop", "davit.hold": "stop" }, { mounts }),
        container("db", { ...on, "davit.module": "shop", "davit.hold": "pause" }, { mounts }),
      ],
      configWith(),
    );
    expect(module?.warnings[0]?.severity).toBe("error");
    expect(module?.warnings[0]?.message).toBe(
      "the containers db and web disagree: davit.hold=pause and davit.hold=stop",
    );
  });

  test("containers that agree, or where one says nothing, do not disagree", () => {
    const [module] = modulesFromInspects(
      [
        container("web", { ...on, "davit.module": "shop", "davit.hold": "stop" }, { mounts }),
        container("db", { ...on, "davit.module": "shop" }, { mounts }),
      ],
      configWith(),
    );
    expect(module?.settings.hold).toBe("stop");
    expect(module?.warnings).toEqual([]);
  });

  test("an exclusion that is a host path is told, since it matches nothing", () => {
    expect(only({ "davit.exclude": "/opt/docker/volumes/nas/old" }).warnings).toMatchObject([{ severity: "warning" }]);
  });

  test("stop is refused for a container that the engine removes when it stops", () => {
    const [module] = modulesFromInspects(
      [container("nas", { ...on, "davit.hold": "stop" }, { mounts, host: { AutoRemove: true } })],
      configWith(),
    );
    expect(module && isUsable(module)).toBe(false);
  });
});

describe("labels of other tools", () => {
  test.each([
    ["docker-volume-backup.stop-during-backup", "true", "stop"],
    ["docker-volume-backup.stop-during-backup", "service1", "stop"],
    ["nautical-backup.stop-before-backup", "true", "stop"],
    ["nautical-backup.stop-before-backup", "false", "live"],
  ])("%s=%s is read as davit.hold=%s, with a note", (label, value, hold) => {
    const module = only({ [label]: value });
    expect(module.settings.hold).toBe(hold);
    expect(module.warnings).toEqual([
      {
        severity: "note",
        message: `the label ${label}=${value} is read as davit.hold=${hold}`,
        hint: "write davit.hold instead",
      },
    ]);
  });

  test("nautical-backup.enable opts in, and its group is the module", () => {
    const labels = { "nautical-backup.enable": "true", "nautical-backup.group": "shop" };
    expect(modulesFromInspects([container("web", labels, { mounts })], configWith())).toMatchObject([{ name: "shop" }]);
  });

  test("commands are read as Davit's hooks", () => {
    const module = only({ "docker-volume-backup.archive-pre": "sync", "docker-volume-backup.archive-pre.user": "app" });
    const messages = module.warnings.map((one) => one.message);
    expect(messages).toContain(
      "the label docker-volume-backup.archive-pre=sync is read as davit.exec.before-hold=sync",
    );
  });

  test("one without a counterpart is told", () => {
    const module = only({ "nautical-backup.rsync-custom-args": "-a" });
    expect(module.warnings).toMatchObject([{ severity: "note", message: expect.stringContaining("no counterpart") }]);
  });

  test("Davit's own label wins", () => {
    const module = only({ "davit.hold": "live", "docker-volume-backup.stop-during-backup": "true" });
    expect(module.settings.hold).toBe("live");
    expect(module.warnings).toMatchObject([{ severity: "note" }]);
  });
});
