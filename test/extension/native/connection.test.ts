import assert from "node:assert/strict";
import { PosternError } from "#protocol/error.ts";
import type { Event } from "#protocol/messages.ts";
import { type Connection, type Question, openConnection } from "#extension/native/connection.ts";
import { type FakePort, drop, fakePorts } from "./fake-port.ts";

const LOST = new PosternError("internal", "Gone.");

describe("a connection to the native host", () => {
  it("pairs replies with requests by id, in any order", async () => {
    const { connection, port } = open();
    const first = connection.ask(question("find"));
    const second = connection.ask(question("find"));
    const [one, two] = port.sent;
    port.listener.onMessage({ id: two?.id, ok: true, result: { number: 2 } });
    port.listener.onMessage({ id: one?.id, ok: true, result: { number: 1 }, later: "ignored" });
    assert.deepEqual([await first, await second], [{ number: 1 }, { number: 2 }]);
  });

  it("hands on what the broker answered; a code that it does not know is internal", async () => {
    const { connection, port } = open();
    const denied = connection.ask(question("get"));
    const strange = connection.ask(question("get"));
    port.listener.onMessage({ id: 1, ok: false, error: { code: "denied", message: "No.", hint: "Ask." } });
    port.listener.onMessage({ id: 2, ok: false, error: { code: "of_next_year", message: "Hm." } });
    await assert.rejects(denied, { code: "denied", message: "No.", hint: "Ask." });
    await assert.rejects(strange, { code: "internal", message: "Hm." });
  });

  it("fails all that wait at once, with the reason, when the port goes", async () => {
    const { connection, port } = open();
    const waiting = [connection.ask(question("find")), connection.ask(question("get"))];
    drop(port, LOST);
    for (const one of waiting) await assert.rejects(one, LOST);
    await assert.rejects(connection.ask(question("find")), LOST);
    assert.equal(connection.closed.reason, LOST);
  });

  it("notices a port that is gone without having said so", async () => {
    const { connection, port } = open();
    port.isOpen = false;
    await assert.rejects(connection.ask(question("find")), { code: "internal" });
    assert(connection.closed.aborted);
  });

  it("gives up at the deadline and takes the question back", async () => {
    const { connection, port } = open();
    await assert.rejects(connection.ask({ ...question("get"), deadline: 1 }), { code: "timeout" });
    assert.deepEqual(port.sent.at(-1), { id: 2, type: "cancel", target: 1 });
  });

  it("takes a question back when it is told to, and ignores the late answers", async () => {
    const { connection, port } = open();
    const controller = new AbortController();
    const waiting = connection.ask({ ...question("get"), signal: controller.signal });
    controller.abort(new PosternError("cancelled", "Enough."));
    await assert.rejects(waiting, { code: "cancelled" });
    assert.deepEqual(port.sent.at(-1), { id: 2, type: "cancel", target: 1 });
    port.listener.onMessage({ id: 1, ok: false, error: { code: "cancelled", message: "The request was cancelled." } });
    port.listener.onMessage({ id: 2, ok: true, result: {} });
    assert(!connection.closed.aborted);
    await assert.rejects(connection.ask({ ...question("get"), signal: controller.signal }), { code: "cancelled" });
    assert.equal(port.sent.length, 2);
  });

  it("closes when the host sends what is no reply", async () => {
    for (const nonsense of [1, "x", null, [], {}, { id: 1 }, { id: 1, ok: true }, { id: -1, ok: true, result: {} }]) {
      const { connection, port } = open();
      const waiting = connection.ask(question("find"));
      port.listener.onMessage(nonsense);
      await assert.rejects(waiting, { code: "internal" });
      assert(!port.isOpen);
    }
  });

  it("closes when the host could not read a request", async () => {
    const { connection, port } = open();
    const waiting = connection.ask(question("find"));
    port.listener.onMessage({ id: 0, ok: false, error: { code: "bad_frame", message: "The frame is not UTF-8." } });
    await assert.rejects(waiting, { code: "bad_frame" });
    assert(!port.isOpen);
  });

  it("tells the events that it knows and ignores the others", () => {
    const { events, port } = open();
    port.listener.onMessage({ event: "state", state: "locked", since: 1 });
    port.listener.onMessage({ event: "eclipse" });
    port.listener.onMessage({ event: "storeChanged" });
    assert.deepEqual(
      events.map(({ event }) => event),
      ["state", "storeChanged"],
    );
  });
});

function open(): { connection: Connection; port: FakePort; events: Event[] } {
  const events: Event[] = [];
  const { connect, ports } = fakePorts();
  const connection = openConnection(connect, (event) => events.push(event));
  const [port] = ports;
  assert(port);
  return { connection, port, events };
}

function question(type: string): Question<unknown> {
  return { request: { type }, deadline: 5000, parse: (result) => result };
}
