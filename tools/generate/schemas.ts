/** A module of types and validators, made from one schema. */
export interface Generated {
  schema: string;
  module: string;
  /** The definitions that get a validator, `isNAME`. */
  validators: string[];
}

export const GENERATED: Generated[] = [
  {
    schema: "host-bridge/protocol/schema/bridge.schema.json",
    module: "host-bridge/protocol/generated/bridge.ts",
    validators: [
      "Request",
      "Reply",
      "Event",
      "HelloResult",
      "FindResult",
      "EntryResult",
      "GetResult",
      "EmptyResult",
      "ErrorCode",
    ],
  },
  {
    schema: "host-bridge/protocol/schema/consent.schema.json",
    module: "host-bridge/protocol/generated/consent.ts",
    validators: ["Request", "Answer", "Choice"],
  },
  {
    schema: "host-bridge/protocol/schema/control.schema.json",
    module: "host-bridge/protocol/generated/control.ts",
    validators: [
      "GateName",
      "StoreName",
      "BrokerOrder",
      "BrokerStatusResult",
      "GrantsResult",
      "RevokeResult",
      "SessionOrder",
      "SessionEvent",
      "UpResult",
      "ServeResult",
      "SessionStatusResult",
    ],
  },
  {
    schema: "host-bridge/protocol/schema/config.schema.json",
    module: "host-bridge/protocol/generated/config.ts",
    validators: ["Configuration"],
  },
  {
    schema: "host-bridge/protocol/schema/state.schema.json",
    module: "host-bridge/protocol/generated/state.ts",
    validators: ["Filled", "Lookups"],
  },
];
