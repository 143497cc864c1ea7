import {
  type EntryResult,
  type Event,
  type FindResult,
  type GetResult,
  parseEntryResult,
  parseFindResult,
  parseGetResult,
  parseHelloResult,
} from "#protocol/messages.ts";
import { PROTOCOL_VERSION, VERSION } from "#protocol/names.ts";
import type { Origin } from "#protocol/origin.ts";
import { type Connect, type Connection, openConnection } from "./connection.ts";

/** The fields of the protocol that a form can ask for. */
export type FieldName = "username" | "password" | "otp";

/** What the extension can ask of the broker. Every method throws PosternError. */
export interface Vault {
  /** The logins of an origin, by names alone: nothing is decrypted. Over the gate's limit a person is asked. */
  find(origin: Origin, signal?: AbortSignal): Promise<FindResult>;
  /** Waits for the person to choose one of all entries, outside the browser. */
  pick(origin: Origin, signal: AbortSignal): Promise<EntryResult>;
  /** Waits for the person's approval outside the browser. */
  get(what: { handle: string; origin: Origin; fields: FieldName[] }, signal: AbortSignal): Promise<GetResult>;
  /** Until it is unlocked outside the sandbox. */
  lock(): Promise<void>;
}

const SOON = 10_000;
/** A question for consent stands for a minute; then gpg may ask for the key's passphrase. */
const AFTER_QUESTIONS = 150_000;

/** One connection for everything, made when it is first needed and made again after it was lost. */
export function openVault(connect: Connect, onEvent: (event: Event) => void): Vault {
  let current: Greeted | undefined;

  function connection(): Promise<Connection> {
    if (current === undefined || current.closed.aborted) current = greet(openConnection(connect, onEvent));
    return current.ready;
  }

  return {
    find: async (origin, signal) => {
      const request = { type: "find", origin, use: "form" };
      return await (await connection()).ask({ request, deadline: AFTER_QUESTIONS, parse: parseFindResult, signal });
    },
    pick: async (origin, signal) => {
      const request = { type: "pick", origin };
      return await (await connection()).ask({ request, deadline: AFTER_QUESTIONS, parse: parseEntryResult, signal });
    },
    get: async ({ handle, origin, fields }, signal) => {
      const request = { type: "get", handle, origin, fields };
      return await (await connection()).ask({ request, deadline: AFTER_QUESTIONS, parse: parseGetResult, signal });
    },
    lock: async () => {
      await (await connection()).ask({ request: { type: "lock" }, deadline: SOON, parse: () => undefined });
    },
  };
}

interface Greeted {
  ready: Promise<Connection>;
  closed: AbortSignal;
}

function greet(connection: Connection): Greeted {
  const client = { name: "postern-extension", version: VERSION };
  const request = { type: "hello", versions: [PROTOCOL_VERSION], client };
  async function hello(): Promise<Connection> {
    try {
      await connection.ask({ request, deadline: SOON, parse: parseHelloResult });
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
  return { ready: hello(), closed: connection.closed };
}
