import { FILL_FIELDS, type FillField } from "./field.ts";

/** What the background sends to one frame. */
export type FrameOrder = LookOrder | WriteOrder;

export interface LookOrder {
  type: "look";
  /** The registrable domain of the tab's page. */
  site: string;
}

export interface WriteOrder {
  type: "write";
  /** The document that was looked at: a page that came after it gets nothing. */
  document: string;
  /** The origin that the person approved. */
  origin: string;
  /** The registrable domain of the tab's page. */
  site: string;
  values: Values;
}

export type Values = Partial<Record<FillField, string>>;

export interface FrameLook {
  /** Stands for this one document. */
  document: string;
  /** The frame's own origin; `null` in a sandboxed one. */
  origin: string;
  /** Whether every frame around it has the same origin. */
  amongItsOwn: boolean;
  /** Whether a frame of another origin is inside. */
  holdsForeignFrame: boolean;
  /** The fields of a login that have a place here. */
  wants: FillField[];
  /** How surely this is a place for a login. */
  score: number;
  /** The host that a form with a password sends it to, and which belongs to another site: that form was left alone. */
  elsewhere?: string;
}

export interface Written {
  filled: FillField[];
  /** What a person should know, in sentences. */
  notes: string[];
  /** The document or its origin is not the one that was approved, and nothing was written. */
  refused: boolean;
}

/** @throws TypeError */
export function parseFrameOrder(value: unknown): FrameOrder {
  const { type, document, origin, site, values } = properties(value);
  if (typeof site !== "string") throw notUnderstood();
  if (type === "look") return { type, site };
  if (type !== "write" || typeof document !== "string" || typeof origin !== "string") throw notUnderstood();
  return { type, document, origin, site, values: parseValues(values) };
}

function parseValues(value: unknown): Values {
  const given = properties(value);
  const values: Values = {};
  for (const field of FILL_FIELDS) {
    const text = given[field];
    if (typeof text === "string") values[field] = text;
  }
  return values;
}

/** @throws TypeError */
export function parseFrameLook(value: unknown): FrameLook {
  const { document, origin, amongItsOwn, holdsForeignFrame, wants, score, elsewhere } = properties(value);
  const isSound =
    typeof document === "string" &&
    typeof origin === "string" &&
    typeof amongItsOwn === "boolean" &&
    typeof holdsForeignFrame === "boolean" &&
    typeof score === "number";
  if (!isSound) throw notUnderstood();
  const look = { document, origin, amongItsOwn, holdsForeignFrame, wants: fillFields(wants), score };
  return typeof elsewhere === "string" ? { ...look, elsewhere } : look;
}

/** @throws TypeError */
export function parseWritten(value: unknown): Written {
  const { filled, notes, refused } = properties(value);
  const isSound =
    Array.isArray(notes) && notes.every((note) => typeof note === "string") && typeof refused === "boolean";
  if (!isSound) throw notUnderstood();
  return { filled: fillFields(filled), notes, refused };
}

function fillFields(value: unknown): FillField[] {
  if (!Array.isArray(value)) throw notUnderstood();
  return FILL_FIELDS.filter((field) => value.includes(field));
}

function notUnderstood(): TypeError {
  return new TypeError("Background and frame do not understand each other.");
}

function properties(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
