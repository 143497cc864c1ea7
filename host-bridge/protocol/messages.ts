import { PosternError } from "./error.ts";
import {
  type Entry,
  type EntryResult,
  type Event,
  type FindResult,
  type GetResult,
  type HelloResult,
  type Reply,
  type Request,
  type State,
  isEntryResult,
  isFindResult,
  isGetResult,
  isHelloResult,
  isReply,
  isRequest,
} from "./generated/bridge.ts";

export type { Entry, EntryResult, Event, FindResult, GetResult, HelloResult, Reply, Request, State };
export type Hello = Extract<Request, { type: "hello" }>;
export type Find = Extract<Request, { type: "find" }>;
export type Get = Extract<Request, { type: "get" }>;
export type PickRequest = Extract<Request, { type: "pick" }>;
export type Save = Extract<Request, { type: "save" }>;

/** The highest id a request may have. */
export const MAX_ID = 2 ** 31 - 1;

interface Validator<T> {
  (value: unknown): value is T;
  errors?: { keyword: string; instancePath: string; message?: string }[] | null;
}

/**
 * What came over a boundary, as the typed value it claims to be.
 * @throws PosternError `bad_message`
 */
export function parseWith<T>(validator: Validator<T>, what: string, value: unknown): T {
  if (validator(value)) return value;
  const problem = validator.errors?.[0];
  // Paths and messages come from the schema, except where an object has keys of the sender's choosing; there is none.
  const where = problem === undefined || problem.instancePath === "" ? what : `${what}${problem.instancePath}`;
  throw new PosternError("bad_message", `${where}: ${problem?.message ?? "not of the expected form"}.`);
}

/** @throws PosternError `bad_message` */
export function parseRequest(value: unknown): Request {
  return parseWith(isRequest, "request", value);
}

/** @throws PosternError `bad_message` */
export const parseReply = (value: unknown): Reply => parseWith(isReply, "reply", value);
/** @throws PosternError `bad_message` */
export const parseHelloResult = (value: unknown): HelloResult => parseWith(isHelloResult, "hello result", value);
/** @throws PosternError `bad_message` */
export const parseFindResult = (value: unknown): FindResult => parseWith(isFindResult, "find result", value);
/** @throws PosternError `bad_message` */
export const parseEntryResult = (value: unknown): EntryResult => parseWith(isEntryResult, "entry result", value);
/** @throws PosternError `bad_message` */
export const parseGetResult = (value: unknown): GetResult => parseWith(isGetResult, "get result", value);
