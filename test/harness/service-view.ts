/**
 * What a service of systemd sees of the files and of the network, as the arguments of bubblewrap that come before its
 * program: an emulation, since the tests have no systemd. Of a unit it knows what the broker's says: `ProtectSystem=strict`,
 * `ProtectHome=tmpfs`, `PrivateDevices`, `PrivateTmp`, `PrivateNetwork`, `PrivateUsers`, and the lists of paths
 * (systemd.exec(5)). With private devices, what `/dev/shm` and `/dev/pts` hold is still everybody's.
 * @param unit its text
 * @param expanded puts directories for `%h` and `%t`
 */
export function serviceView(unit: string, expanded: (text: string) => string): string[] {
  const values = (name: string): string[] =>
    Array.from(unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm")), ([, value = ""]) => value);
  const paths = (name: string): string[] => values(name).flatMap((value) => expanded(value).split(/\s+/));
  const has = (setting: string, value = "yes"): boolean => values(setting).includes(value);
  const given = paths("TemporaryFileSystem").map((path) => path.replace(/:ro$/, ""));
  const readOnly = paths("TemporaryFileSystem").flatMap((path) => /^(.*):ro$/.exec(path)?.[1] ?? []);
  const hidden = [
    ...(has("ProtectHome", "tmpfs") ? ["/home", "/root", "/run/user"] : []),
    ...(has("PrivateTmp") ? ["/tmp", "/var/tmp"] : []),
    ...given,
  ];
  return [
    ...(has("ProtectSystem", "strict") ? ["--ro-bind", "/", "/"] : ["--bind", "/", "/"]),
    ...(has("PrivateDevices")
      ? ["--dev", "/dev", "--bind", "/dev/shm", "/dev/shm", "--bind", "/dev/pts", "/dev/pts"]
      : ["--dev-bind", "/dev", "/dev"]),
    "--bind",
    "/proc",
    "/proc",
    // The longest come last: one may lie within another.
    ...[...new Set(hidden)].toSorted().flatMap((path) => ["--tmpfs", path]),
    ...paths("BindReadOnlyPaths").flatMap((path) => ["--ro-bind", path, path]),
    ...paths("BindPaths").flatMap((path) => ["--bind", path, path]),
    ...readOnly.flatMap((path) => ["--remount-ro", path]),
    ...(has("PrivateNetwork") ? ["--unshare-net"] : []),
    ...(has("PrivateUsers") ? ["--unshare-user"] : []),
    "--cap-drop",
    "ALL",
    "--die-with-parent",
    "--chdir",
    "/",
  ];
}
