import fc from "fast-check";
import { type Definitions, type Schema, referredTo } from "./schema.ts";

/** Values that fit the schema. */
export function fittingValues(schema: Schema, definitions: Definitions): fc.Arbitrary<unknown> {
  const {
    $ref,
    oneOf,
    type,
    minimum = 0,
    maximum = 2 ** 31 - 1,
    minItems = 0,
    maxItems = 4,
    properties = {},
    required = [],
  } = schema;
  if ($ref !== undefined) return fittingValues(referredTo($ref, definitions), definitions);
  if (oneOf !== undefined) return fc.oneof(...oneOf.map((inner) => fittingValues(inner, definitions)));
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: minimum, max: maximum });
    case "string":
      return fittingText(schema);
    case "array":
      return fc.uniqueArray(fittingValues(schema.items ?? {}, definitions), {
        minLength: minItems,
        maxLength: maxItems,
      });
    case "object": {
      const fields = Object.entries(properties).map(([name, inner]): [string, fc.Arbitrary<unknown>] => [
        name,
        fittingValues(inner, definitions),
      ]);
      return fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
    }
    default:
      throw new Error(`Nothing is made here of type ${type}.`);
  }
}

function fittingText({ pattern, minLength = 0, maxLength = 64 }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength, unit: "binary" });
}
