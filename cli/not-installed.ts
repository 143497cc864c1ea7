import { PosternError } from "#protocol/error.ts";

const PACKAGES = { gpg: "gnupg", pass: "pass" };

/** A program of the user's that Postern calls is not on PATH. */
export function notInstalled(program: keyof typeof PACKAGES): PosternError {
  return new PosternError(
    "internal",
    `${program} is not installed, or not on PATH.`,
    `Install it, for example with: apt-get install ${PACKAGES[program]}`,
  );
}
