import assert from "node:assert/strict";
import { parseFrameLook, parseFrameOrder, parseWritten } from "#extension/fill/frame-orders.ts";

const look = {
  document: "1",
  origin: "https://example.com",
  amongItsOwn: true,
  holdsForeignFrame: false,
  wants: ["password"],
  score: 1,
};

describe("messages between background and frame", () => {
  it("are taken apart into what they claim to be", () => {
    assert.deepEqual(parseFrameLook(look), look);
    const site = "example.com";
    assert.deepEqual(parseFrameOrder({ type: "look", site, values: { password: "x" } }), { type: "look", site });
    const order = { type: "write", document: "1", origin: "https://example.com", site };
    const values = { username: "u", password: "p" };
    assert.deepEqual(parseFrameOrder({ ...order, values: { ...values, otp: 1, notes: "x" } }), { ...order, values });
    const written = { filled: ["username"], notes: ["No."], refused: false };
    assert.deepEqual(parseWritten(written), written);
  });

  it("keep only the fields of a login", () => {
    assert.deepEqual(parseFrameLook({ ...look, wants: ["custom:PIN", "otp", 1, "otp"] }).wants, ["otp"]);
  });

  it("are refused when a part is missing or of another type", () => {
    for (const key of Object.keys(look)) {
      assert.throws(() => parseFrameLook({ ...look, [key]: undefined }), TypeError, key);
      assert.throws(() => parseFrameLook({ ...look, [key]: {} }), TypeError, key);
    }
    for (const value of [
      undefined,
      null,
      "look",
      1,
      [],
      { type: "write" },
      { type: "look" },
      { type: "write", document: "1" },
    ]) {
      assert.throws(() => parseFrameOrder(value), TypeError);
      assert.throws(() => parseFrameLook(value), TypeError);
      assert.throws(() => parseWritten(value), TypeError);
    }
  });
});
