import type { Duplex } from "node:stream";
import { PosternError } from "#protocol/error.ts";
import {
  type EntryResult,
  type Find,
  type FindResult,
  type Get,
  type GetResult,
  type Hello,
  type HelloResult,
  type PickRequest,
  type Request,
  type Save,
  type State,
  parseRequest,
} from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES, PROTOCOL_VERSION, VERSION } from "#protocol/names.ts";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import { type AnsweringEnd, answerRequests } from "#wire/answer.ts";
import type { Wait } from "#wire/wait.ts";
import type { Audit, Decision } from "./audit.ts";
import { type Page, createHandles } from "./handles.ts";
import type { Limits } from "./limits.ts";
import { locked } from "./locks.ts";
import { type GatePolicy, shownAs } from "./policy.ts";
import type { Release } from "./release.ts";
import type { PickEntry } from "./pick.ts";
import type { SaveLogin } from "./save.ts";
import type { Match } from "./entries-by-host.ts";

const MAX_ENTRIES = 50;
/** Requests beyond looking entries up and releasing them; not for callers of whom nothing is known. */
const FEATURES = ["pick", "save"];

/** What a connection may use: its gate's, handed in. */
export interface GateEnd {
  gate: string;
  connection: number;
  state: () => State;
  lock: () => void;
  policy: () => GatePolicy;
  limits: Limits;
  audit: Audit;
  /** The entries that a page may be offered, best first; right after the start, once those that may be have been read. */
  candidates: (page: ReturnType<typeof originParts>) => Promise<readonly Match[]>;
  release: Release;
  pick: PickEntry;
  save: SaveLogin;
  now: () => number;
  wait: Wait;
}

/** One connection of one gate, from hello to its end. Whatever it says of itself is a claim. */
export function serveConnection(stream: Duplex, end: GateEnd): AnsweringEnd {
  const handles = createHandles(end.now);
  let isGreeted = false;
  let isRefused = false;

  const answering = answerRequests<Request>(stream, {
    maxIncoming: MAX_REQUEST_BYTES,
    maxOutgoing: MAX_REPLY_BYTES,
    parse,
    endsOthers: ({ type }) => type === "cancel" || type === "lock",
    answer,
    wait: end.wait,
  });

  function parse(value: unknown): Request {
    try {
      // What comes in the same breath as a first message that was refused.
      if (isRefused) throw new PosternError("bad_message", "The connection is closed.");
      const request = parseRequest(value);
      if (isGreeted === (request.type === "hello")) {
        throw new PosternError(
          "bad_message",
          isGreeted ? "hello was said before." : "The first message must be hello.",
        );
      }
      isGreeted = true;
      return request;
    } catch (error) {
      // Who does not begin with hello does not speak this protocol. The reply goes out before the end.
      if (!isGreeted) {
        isRefused = true;
        setImmediate(answering.close);
      }
      throw error;
    }
  }

  async function answer(request: Request, signal: AbortSignal): Promise<object> {
    if (end.state() === "locked" && request.type !== "hello" && request.type !== "cancel") {
      await record({ type: request.type, decision: "refused", reason: "locked" });
      throw locked(end.gate);
    }
    if (FEATURES.includes(request.type) && !features().includes(request.type)) {
      await record({ type: request.type, decision: "refused", reason: "denied" });
      throw new PosternError("denied", "The policy of this gate does not let it.");
    }
    switch (request.type) {
      case "hello":
        return hello(request);
      case "find":
        return await find(request, signal);
      case "get":
        return await get(request, signal);
      case "pick":
        return await pick(request, signal);
      case "save":
        return await save(request, signal);
      case "lock":
        await record({ type: "lock", decision: "allowed", reason: "asked by the browser" });
        end.lock();
        return {};
      case "cancel":
        answering.cancel(request.target);
        return {};
    }
  }

  function hello({ versions }: Hello): HelloResult {
    if (!versions.includes(PROTOCOL_VERSION)) {
      setImmediate(answering.close);
      throw new PosternError(
        "unsupported_version",
        `The browser speaks version ${versions.join(", ")} of the protocol, the broker version ${PROTOCOL_VERSION}.`,
        "Update the older of the two.",
      );
    }
    const server = { name: "postern-broker", version: VERSION };
    return {
      version: PROTOCOL_VERSION,
      server,
      gate: end.gate,
      caller: end.policy().caller,
      state: end.state(),
      features: [...features()],
    };
  }

  function features(): readonly string[] {
    return end.policy().caller === "gate" ? FEATURES : [];
  }

  async function find(request: Find, signal: AbortSignal): Promise<FindResult> {
    const page = pageOf(request);
    return await refusing({ type: "find", ...page }, async (about) => {
      const look = () => end.candidates(originParts(page.origin));
      const matches = await end.limits.find(page.origin, signal, look);
      signal.throwIfAborted();
      const realm = request.use === "http-auth" ? { realm: request.realm ?? "" } : {};
      const entries = matches.slice(0, MAX_ENTRIES).map(({ entry, match }, index) => ({
        handle: handles.mint({ ...page, entry, match, ...realm }),
        ...shownAs(end.policy(), entry, index + 1),
        match,
      }));
      await record({ ...about, decision: "allowed", reason: `${entries.length} entries` });
      signal.throwIfAborted();
      return { entries, truncated: matches.length > MAX_ENTRIES };
    });
  }

  async function get(request: Get, signal: AbortSignal): Promise<GetResult> {
    const page = pageOf(request);
    const { fields } = request;
    const held = await refusing({ type: "get", ...page, fields }, async () => {
      end.limits.countGet();
      return handles.resolve(request.handle, page);
    });
    return await refusing({ type: "get", ...page, entry: held.entry.name, fields }, async (about) => {
      return await end.release(held, fields, signal, (reason) => record({ ...about, decision: "allowed", reason }));
    });
  }

  async function pick(request: PickRequest, signal: AbortSignal): Promise<EntryResult> {
    const page = pageOf(request);
    return await refusing({ type: "pick", ...page }, async (about) => {
      return await end.pick(page, handles, signal, (entry) =>
        record({ ...about, entry, decision: "allowed", reason: "picked" }),
      );
    });
  }

  async function save(request: Save, signal: AbortSignal): Promise<EntryResult> {
    const page = pageOf(request);
    return await refusing({ type: "save", ...page }, async (about) => {
      return await end.save(request, page, handles, signal, (entry, reason) =>
        record({ ...about, entry, decision: "allowed", reason }),
      );
    });
  }

  /** Does something that may be refused, and logs the refusal. */
  async function refusing<T>(
    about: Pick<Decision, "type" | "origin" | "topOrigin" | "entry" | "fields">,
    act: (about: Pick<Decision, "type" | "origin" | "topOrigin" | "entry" | "fields">) => Promise<T>,
  ): Promise<T> {
    try {
      return await act(about);
    } catch (error) {
      const reason = error instanceof PosternError ? error.code : "internal";
      await record({ ...about, decision: "refused", reason });
      throw error;
    }
  }

  function record(decision: Omit<Decision, "gate" | "connection">): Promise<void> {
    return end.audit.record({ gate: end.gate, connection: end.connection, ...decision });
  }

  return answering;
}

function pageOf(request: { origin: string; topOrigin?: string }): Page {
  const origin = parseOrigin(request.origin);
  const topOrigin = request.topOrigin === undefined ? undefined : parseOrigin(request.topOrigin);
  return { origin, topOrigin: topOrigin === origin ? undefined : topOrigin };
}
