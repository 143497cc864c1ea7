export const USAGE = `Usage: npm start [-- [--yes] ARGUMENTS]   set up, then: postern up ARGUMENTS
       npm test [-- [--yes] ARGUMENTS]    set up, then test: files and folders below
                                   test/, and options of mocha's
       node tools/setup.js prepare [--yes]    set up for tests, and no more

What is missing on this machine is named first, and got after a question on the
terminal; without one only for root, or with --yes.
  --yes    do not ask
  --help   show this and do nothing
What postern up takes: node_modules/.bin/node dist/postern.cjs up --help
`;

const TESTS = "test/";

/**
 * @typedef {object} Arguments
 * @property {"start" | "test" | "prepare" | undefined} command
 * @property {string[]} program what to run in the end, without Node itself, relative to the project's folder
 * @property {boolean} isAgreed nobody has to be asked
 * @property {boolean} isHelp
 */

/**
 * @param {string[]} given
 * @returns {Arguments}
 */
export function readArguments(given) {
  const [command, ...all] = given;
  const rest = all.filter((argument) => argument !== "--yes");
  const settled = { isAgreed: rest.length < all.length, isHelp: given.includes("--help") };
  if (command === "start") return { command, program: ["dist/postern.cjs", "up", ...rest], ...settled };
  if (command === "prepare") return { command, program: [], ...settled };
  if (command !== "test") return { command: undefined, program: [], ...settled };
  const paths = rest.some((argument) => argument.startsWith("test/")) ? [] : [TESTS];
  return { command, program: ["tools/test.ts", ...rest, ...paths], ...settled };
}
