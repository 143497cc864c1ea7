import { join } from "node:path";
import { makeBigStore, replaceProbe } from "./big-store.ts";
import { KEY_KINDS, type KeyHome, makeKeyHome } from "./key-home.ts";
import { type Tools, measureStore } from "./measure-store.ts";
import type { Report } from "./report.ts";

interface Plan extends Tools {
  /** How large the stores are. */
  entries: readonly number[];
  /** An empty directory. */
  directory: string;
  onProgress: (text: string) => void;
}

const TEXT = "a password of some length\nlogin: alice\n";

/** Measures everything against its peers, in turn with them and as the extension sees it. */
export async function runBench({ entries: sizes, directory, onProgress, ...tools }: Plan): Promise<Report> {
  await using homes = new AsyncDisposableStack();
  const keys: (KeyHome & { title: string })[] = [];
  for (const kind of KEY_KINDS) {
    onProgress(`making a key: ${kind.title}`);
    const home = homes.use(await makeKeyHome(join(directory, `key-${keys.length}`), tools.path, kind));
    keys.push({ title: kind.title, ...home });
  }

  const report: Report = { cases: [], memory: [] };
  for (const entries of sizes) {
    onProgress(`making a store of ${entries} entries`);
    const store = join(directory, `store-${entries}`);
    const most = { host: 0, broker: 0 };
    for (const [at, { title, gnupg, encrypt }] of keys.entries()) {
      const content = await encrypt(TEXT);
      // Nobody opens the others.
      if (at === 0) await makeBigStore(store, entries, content);
      else await replaceProbe(store, content);
      onProgress(`${entries} entries, ${title}`);
      const place = join(directory, `run-${entries}-${at}`);
      const { cases, host, broker } = await measureStore({ ...tools, entries, key: title, store, gnupg, place });
      report.cases.push(...cases);
      most.host = Math.max(most.host, host);
      most.broker = Math.max(most.broker, broker);
    }
    report.memory.push({ process: "postern-host", entries, mb: most.host });
    report.memory.push({ process: "postern-broker", entries, mb: most.broker });
  }
  return report;
}
