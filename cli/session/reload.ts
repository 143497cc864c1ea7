import { join } from "node:path";
import { readConfiguration } from "#wire/config.ts";
import type { BrokerControl } from "./broker-orders.ts";

/**
 * Has a vault that runs take up config.toml as it is now; what was allowed stays so.
 * @param directory of config.toml
 * @throws PosternError `bad_message` when it has an error: the vault goes on with what it had
 */
export async function reloadConfiguration(directory: string, control: BrokerControl): Promise<void> {
  // Judged here first: the vault knows the file by another path, which would help nobody to mend it.
  await readConfiguration(join(directory, "config.toml"));
  await control.order({ type: "reload" });
}
