import { NATIVE_HOST, OWN_GATE, PROXY_GATE } from "#protocol/names.ts";
import { shellWord } from "./shell.ts";

/** Of Node, as in container/firefox/postern-host, which says why. */
export const HOST_OPTIONS = "--min-semi-space-size=2 --max-semi-space-size=2";

/**
 * The program that a manifest names: a script for sh(1), outside of the folder that it starts the host from, so that the
 * browser is told what is wrong when that folder is gone.
 *
 * The environment is that of whoever starts it. None of it is passed on (NODE_OPTIONS could load code into the relay) but
 * what says where the sockets lie; a second shell, which has no other environment, does the rest. A directory that is
 * just being replaced is found by its older name.
 *
 * Who starts it decides which gate it has: the user's own browsers, by the programs that were recorded when it was
 * installed, have theirs. Everybody else has the gate of those of whom nothing is known: what a proxy or a portal starts
 * comes from any application that reaches it on the session bus. Who the parent is says the kernel (proc(5)), never the
 * arguments, which are the caller's. A browser that was renewed while it runs is still known by its name.
 * @param folder holds `node` and `postern-host.cjs`
 * @param programs names of the browsers' programs
 */
export function hostProgram(folder: string, order: "LE" | "BE", programs: readonly string[]): string {
  const { header, content } = damaged(order);
  return `#!/bin/sh
# What the browsers of your session start as ${NATIVE_HOST}, made by postern install.
# The environment is the browser's, so none of it is passed on but what says where the sockets lie.
exec /usr/bin/env -i PATH=/usr/bin:/bin \\
  "XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR" "TMPDIR=$TMPDIR" "TMP=$TMP" "TEMP=$TEMP" /bin/sh -c '
  gate=${PROXY_GATE}
  program=$(readlink "/proc/$PPID/exe")
  program=\${program% (deleted)}
  for known in $4; do
    if [ "\${program##*/}" = "$known" ]; then gate=${OWN_GATE}; fi
  done
  for folder in "$1" "$1.old"; do
    if [ -x "$folder/node" ] && [ -r "$folder/postern-host.cjs" ]; then
      exec "$folder/node" ${HOST_OPTIONS} "$folder/postern-host.cjs" --gate "$gate"
    fi
  done
  # One message for the browser, and then nothing until it has read that.
  printf "$2" && printf %s "$3"
  exec cat > /dev/null
' postern-host \\
  ${shellWord(folder)} \\
  ${shellWord(header)} \\
  ${shellWord(content)} \\
  ${shellWord([...new Set(programs)].join(" "))}
`;
}

/** The message of a host that is not whole, in the form of PROTOCOL.md: its length for printf(1), and its JSON. */
function damaged(order: "LE" | "BE"): { header: string; content: string } {
  const error = {
    code: "no_broker",
    message: "Postern's program is not where postern install put it.",
    hint: "Set it up again, in a clone of Postern: npx postern install",
  };
  const content = JSON.stringify({ id: 0, ok: false, error });
  const length = Buffer.alloc(4);
  if (order === "LE") length.writeUInt32LE(Buffer.byteLength(content));
  else length.writeUInt32BE(Buffer.byteLength(content));
  const header = [...length].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  return { header, content };
}
