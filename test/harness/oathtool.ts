import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface TotpSettings {
  /** Base32. */
  secret: string;
  digits?: number;
  algorithm?: string;
  /** In seconds. */
  period?: number;
}

/** The time-based code of OATH Toolkit's `oathtool`. @param now Unix milliseconds */
export async function oathtool(settings: TotpSettings, now: number): Promise<string> {
  const { secret, digits = 6, algorithm = "SHA1", period = 30 } = settings;
  const at = ["--now", `@${Math.floor(now / 1000)}`, "--time-step-size", `${period}s`];
  const { stdout } = await run("oathtool", [`--totp=${algorithm}`, "--digits", `${digits}`, ...at, "--base32", secret]);
  return stdout.trim();
}
