import { shellWord } from "#manifests/shell.ts";

/** The command on the user's PATH: a script for sh(1), which says what to do when the program's folder is gone. */
export function commandProgram(folder: string): string {
  return `#!/bin/sh
# Postern's command, made by postern install.
program=${shellWord(folder)}
for folder in "$program" "$program.old"; do
  if [ -x "$folder/node" ] && [ -r "$folder/postern.cjs" ]; then exec "$folder/node" "$folder/postern.cjs" "$@"; fi
done
echo "postern: error: What postern install put at $program is not there any more." >&2
echo "postern: hint: Set it up again, in a clone of Postern: npx postern install" >&2
exit 2
`;
}
