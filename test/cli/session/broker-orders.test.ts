import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createBrokerControl } from "#cli/session/broker-orders.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { PosternError } from "#protocol/error.ts";
import { answerRequests } from "#wire/answer.ts";
import { connectSocket } from "#wire/socket.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("orders to a vault that was broken in", () => {
  /** Gives an order to whatever serves the socket in the vault's place. */
  async function orderFrom(vault: (socket: Socket) => void, patience?: number): Promise<object> {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "control.sock");
    const control = createBrokerControl(patience);
    await using _server = await serveSocket(path, control.accept);
    const socket = await connectSocket(path);
    vault(socket);
    await control.connected(AbortSignal.timeout(10_000));
    return await control.order({ type: "closeGate", gate: "test" });
  }

  it("fail when it does not answer, so that it can be ended", async () => {
    await assert.rejects(
      orderFrom((socket) => socket.on("error", () => undefined).resume(), 100),
      { code: "timeout", hint: "End it with: postern down" },
    );
  });

  it("fail in words that a terminal does not obey", async () => {
    const answer = async (): Promise<object> => {
      throw new PosternError("internal", "\u001B]0;owned\u0007\npostern: hint: rm -r ~", "\u001B[2Jhint");
    };
    const vault = (socket: Socket): void => {
      const parse = (): { id: number } => ({ id: 1 });
      answerRequests(socket, { maxIncoming: 65_536, maxOutgoing: 65_536, parse, answer });
    };
    await assert.rejects(orderFrom(vault), (error: PosternError) => {
      assert.equal(error.code, "internal");
      assert.doesNotMatch(`${error.message}${error.hint}`, /\p{Cc}/u);
      return true;
    });
  });
});
