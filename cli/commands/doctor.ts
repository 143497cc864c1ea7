import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { checksFor } from "../doctor/checks.ts";
import { EXIT_FOUND, print } from "../output.ts";

/** What was found of one thing: as it should be, or else with what mends it. */
type Finding = { name: string; ok: true; found: string } | { name: string; ok: false; message: string; hint: string };

/** Looks at all that Postern needs, and says of each whether it is right; exits with 1 when something is not. */
export async function doctor(context: Context, options: { store?: string; json?: true }): Promise<void> {
  const checks = checksFor(context, options.store);
  const findings = await Promise.all(
    checks.map(async ({ name, look }): Promise<Finding> => {
      try {
        return { name, ok: true, found: await look() };
      } catch (error) {
        if (!(error instanceof PosternError)) throw error;
        return { name, ok: false, message: error.message, hint: error.hint ?? "Try again: postern up" };
      }
    }),
  );
  const isWell = findings.every(({ ok }) => ok);
  if (!isWell) process.exitCode = EXIT_FOUND;
  print({ ok: isWell, checks: findings }, options.json === true, () => findings.map(asText).join(""));
}

function asText(finding: Finding): string {
  const name = finding.name.padEnd(8);
  if (finding.ok) return `fine   ${name}  ${finding.found}\n`;
  return `wrong  ${name}  ${finding.message}\n                 ${finding.hint}\n`;
}
