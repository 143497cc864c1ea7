import { serveSound } from "./relay.ts";

// The relay for sound, in a container of its own (container/sound-spec.ts). Started with the path of the socket that it
// makes, that of the sound server, and that of the server's cookie.
const [path = "", server = "", cookie = ""] = process.argv.slice(2);

void serveSound(path, { server, cookie }).then((serving) => {
  process.once("SIGTERM", () => void serving[Symbol.asyncDispose]());
});
