import { KIND_LABEL } from "./contained.ts";
import { AGE_RULE } from "./image-age.ts";
import { type ContainerSpec, DISPLAY_LABEL, DOWNLOADS, SOUND } from "./launch-spec.ts";

/** One row of the launch spec, in words. */
export interface Explanation {
  row: number;
  title: string;
  /** What the specification says, read from it. */
  setting: string;
  why: string;
}

/** What a container is given and what it is not, for people and for `--json`. */
export function explain(spec: ContainerSpec): Explanation[] {
  const own = { vault: vaultOnly, display: nestedOnly }[spec.Labels?.[KIND_LABEL] ?? ""] ?? firefoxOnly;
  const rows = [...common(spec), ...own(spec)];
  return rows.toSorted((one, other) => one.row - other.row);
}

function common({ User = "", HostConfig: host = {} }: ContainerSpec): Explanation[] {
  const { CapDrop, SecurityOpt, PidsLimit, Memory = 0, CpuQuota = 0, CpuPeriod = 1, Tmpfs = {} } = host;
  const options: string[] = SecurityOpt ?? [];
  const hasFilter = options.some((option) => option.startsWith("seccomp={"));
  return [
    {
      row: 4,
      title: "Rights",
      setting: `user ${User}; capabilities dropped: ${CapDrop}; ${options[0]}`,
      why: "A program in it has no right that an ordinary user lacks, and no way to gain one.",
    },
    {
      row: 5,
      title: "File system",
      setting: `${host.ReadonlyRootfs === true ? "read-only" : "writable"}; in memory: ${Object.keys(Tmpfs).join(", ")}`,
      why: "Nothing that breaks in can stay in the image.",
    },
    {
      row: 6,
      title: "System calls",
      setting: hasFilter ? "an allow-list of Postern's own" : "the engine's default",
      why: "Most of the kernel, and every unusual socket family, is out of reach.",
    },
    {
      row: 7,
      title: "Limits",
      setting: `${PidsLimit} processes, ${Memory / 2 ** 20} MiB, ${CpuQuota / CpuPeriod} processors, no core files`,
      why: "It can not use up the machine, and its memory is not written to a disk.",
    },
    {
      row: 9,
      title: "Bus",
      setting: "neither your session's bus nor the system's",
      why: "Other programs of yours would do what they are asked there.",
    },
    {
      row: 10,
      title: "Your files",
      setting: host.Mounts?.map(describeMount).join("; ") ?? "none",
      why: "What is not listed is not there: no home directory, no agent, no private key, no engine's socket.",
    },
    {
      row: 10,
      title: "Output",
      setting: `log driver ${host.LogConfig?.Type}`,
      why: "The engine keeps nothing of what it writes.",
    },
  ];
}

function describeMount({ Source, Target, ReadOnly }: NonNullable<HostConfig["Mounts"]>[number]): string {
  return `${Source} at ${Target}${ReadOnly === true ? ", read-only" : ""}`;
}

type HostConfig = NonNullable<ContainerSpec["HostConfig"]>;

/** How the socket of a window was chosen (cli/display/choose.ts), by the label that says so. */
const DISPLAYS: Record<string, { setting: string; why: string }> = {
  none: { setting: "no window, so no socket", why: "What draws nothing needs no display." },
  context: {
    setting: "a Wayland socket of its own, in a security context",
    why: "Everything that the compositor offers there is known to be harmless: no keys, no screen, no clipboard of others.",
  },
  plain: {
    setting: "the compositor's Wayland socket",
    why: "Everything that this compositor offers is known to be harmless: no keys, no screen, no clipboard of others.",
  },
  nested: {
    setting: "a Wayland socket of cage, a compositor in a window of its own",
    why: "Whatever it does there stays in that window. Cage itself is in a container, with your compositor's socket alone.",
  },
};

const CLIPBOARDS: Record<string, { setting: string; why: string }> = {
  none: { setting: "none", why: "Without a window there is none." },
  nested: { setting: "the nested compositor's own", why: "What you copy elsewhere is not in it, nor the other way." },
};
const CLIPBOARD_IN_FOCUS = {
  setting: "yours, while its window has the focus",
  why: "Wayland gives the clipboard to the program that you are typing to, and to no other.",
};

function firefoxOnly({ HostConfig: host = {}, Env = [], Labels: labels = {} }: ContainerSpec): Explanation[] {
  const display = labels[DISPLAY_LABEL] ?? "none";
  const mountAt = (place: string) => host.Mounts?.find(({ Target }) => Target === place);
  const profile = mountAt("/profile");
  const hasInternet = host.NetworkMode !== "none";
  return [
    {
      row: 1,
      title: "X11",
      setting: "none",
      why: "On X11 any program reads the keyboard and presses keys in the others.",
    },
    { row: 2, title: "Display", ...(DISPLAYS[display] ?? { setting: display, why: "" }) },
    {
      row: 3,
      title: "Sound",
      setting:
        mountAt(SOUND) === undefined ? "none: no sound server was found" : "playing, through a filter; no microphone",
      why: "A sound server lets its clients record, also what others play; the filter passes on playing and nothing else.",
    },
    {
      row: 8,
      title: "Network",
      setting: hasInternet ? "the internet and the local network, on a bridge of its own" : "none but its own loopback",
      why: hasInternet
        ? "No address of this machine, no link-local one, no other container and no IPv6 is reached; your router is."
        : "The page is served inside the container.",
    },
    {
      row: 11,
      title: "Bridge",
      setting: "the directory of one gate's socket, read-only",
      why: "It can talk to its own gate, not to another's, and not put a socket of its own in the place.",
    },
    {
      row: 13,
      title: "Profile",
      setting: profile === undefined ? "in memory, gone at the end" : `the volume ${profile.Source}`,
      why: "Each gate has its own; none is your own Firefox's.",
    },
    { row: 15, title: "Clipboard", ...(CLIPBOARDS[display] ?? CLIPBOARD_IN_FOCUS) },
    {
      row: 14,
      title: "Downloads",
      setting: `${mountAt(DOWNLOADS)?.Source}, and nothing else of yours; nothing in it runs inside`,
      why: "It is a folder of this gate alone: what a browser may write there is what you look at as downloaded.",
    },
    {
      row: 16,
      title: "Image's age",
      setting: AGE_RULE,
      why: "Its Firefox is as old as the image: postern up --rebuild makes a new one.",
    },
    {
      row: 17,
      title: "Browser policies",
      setting: "extension and native messaging host in the image, built-in password manager off, telemetry off",
      why: "It works from the first start, with the checking of extensions' signatures left on.",
    },
    {
      row: 20,
      title: "Desktop",
      setting: [...Env.filter((set) => /^(?:LANG|TZ|POSTERN_(?:COLOR|LANG)\w+)=/.test(set)), "fonts, read-only"].join(
        "; ",
      ),
      why: "Pages look as in any other browser, and learn what they would learn there.",
    },
    {
      row: 22,
      title: "Camera, printer, other devices",
      setting: host.Devices === undefined ? "none" : JSON.stringify(host.Devices),
      why: "No device of this machine is in it.",
    },
    {
      row: 23,
      title: "Explained",
      setting: "these rows are read from the specification that starts the container",
      why: "What is shown is what is done.",
    },
  ];
}

function vaultOnly({ HostConfig: host = {} }: ContainerSpec): Explanation[] {
  return [
    {
      row: 8,
      title: "Network",
      setting: host.NetworkMode === "none" ? "none at all" : String(host.NetworkMode),
      why: "What it decrypts can leave by the gates alone, and there only what was approved.",
    },
  ];
}

function nestedOnly({ HostConfig: host = {} }: ContainerSpec): Explanation[] {
  return [
    {
      row: 8,
      title: "Network",
      setting: host.NetworkMode === "none" ? "none at all" : String(host.NetworkMode),
      why: "It reads what the browser sends to its display: a browser that breaks it has your compositor's socket, no more.",
    },
  ];
}
