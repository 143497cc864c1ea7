import { openDisplay } from "#cli/display/open.ts";
import { placesOf } from "#cli/places.ts";
import { connectEngine } from "#container/engine.ts";

// Opens a display as `postern up` does, says which socket the browser would get, and closes it again; as a process of
// its own, since the descriptors that a security context needs come with a warning of Node's. Its arguments: a home, the
// compositor's socket and the gate.
const [, , home = "", display = "", gate = ""] = process.argv;
const engine = await connectEngine(process.env);
const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
const place = { environment: process.env, places: placesOf(process.env, home, uid, home), uid, gid };
const wish = { display, gate, image: "postern/firefox:uid-1000" };
await using given = await openDisplay(place, engine, wish, AbortSignal.timeout(20_000));
process.stdout.write(given.socket);
