import { type Definitions, type Schema, referredTo } from "./schema.ts";

type Judge = (value: unknown, schema: Schema, definitions: Definitions) => boolean;

/** JSON Schema Validation (draft 7), section 6: a keyword says nothing of values of another type than its own. */
const KEYWORDS: Record<keyof Schema, Judge> = {
  title: () => true,
  description: () => true,
  discriminator: () => true,
  $ref: (value, { $ref = "" }, definitions) => fitsSchema(value, referredTo($ref, definitions), definitions),
  oneOf: (value, { oneOf = [] }, definitions) =>
    oneOf.filter((schema) => fitsSchema(value, schema, definitions)).length === 1,
  type: (value, { type = "" }) => isOfType(value, type),
  const: (value, schema) => same(value, schema.const),
  enum: (value, schema) => (schema.enum ?? []).some((allowed) => same(value, allowed)),
  minimum: (value, { minimum = 0 }) => typeof value !== "number" || value >= minimum,
  maximum: (value, { maximum = 0 }) => typeof value !== "number" || value <= maximum,
  minLength: (value, { minLength = 0 }) => typeof value !== "string" || Array.from(value).length >= minLength,
  maxLength: (value, { maxLength = 0 }) => typeof value !== "string" || Array.from(value).length <= maxLength,
  pattern: (value, { pattern = "" }) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  items: (value, { items = {} }, definitions) =>
    !Array.isArray(value) || value.every((item) => fitsSchema(item, items, definitions)),
  minItems: (value, { minItems = 0 }) => !Array.isArray(value) || value.length >= minItems,
  maxItems: (value, { maxItems = 0 }) => !Array.isArray(value) || value.length <= maxItems,
  uniqueItems: (value) =>
    !Array.isArray(value) || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
  properties: (value, { properties = {} }, definitions) =>
    !isObject(value) ||
    Object.entries(value).every(([key, inner]) => {
      const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
      return schema === undefined || fitsSchema(inner, schema, definitions);
    }),
  required: (value, { required = [] }) => !isObject(value) || required.every((key) => Object.hasOwn(value, key)),
  additionalProperties: (value, { properties = {} }) =>
    !isObject(value) || Object.keys(value).every((key) => Object.hasOwn(properties, key)),
};

/**
 * Whether a JSON value fits, told by the schema's text alone: a second opinion on the validators that are made from it.
 * @throws Error for a keyword that this does not know
 */
export function fitsSchema(value: unknown, schema: Schema, definitions: Definitions): boolean {
  return Object.keys(schema).every((keyword) => {
    if (!isKeyword(keyword)) throw new Error(`${keyword} is not known here.`);
    return KEYWORDS[keyword](value, schema, definitions);
  });
}

function isKeyword(keyword: string): keyword is keyof Schema {
  return Object.hasOwn(KEYWORDS, keyword);
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
