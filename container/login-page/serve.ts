import type { IncomingMessage, ServerResponse } from "node:http";
import { signInPage, signedInPage } from "./page.ts";

const MAX_FORM_BYTES = 8 * 1024;

/** A site with a login, as small as one can be: a form, and where it is sent to. */
export function serveLoginPage(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/" && request.method === "GET") return send(response, 200, signInPage());
  if (request.url === "/sign-in" && request.method === "POST") return void signIn(request, response);
  send(response, 404, signInPage());
}

async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = "";
  for await (const piece of request) {
    form += String(piece);
    if (form.length > MAX_FORM_BYTES) return void request.destroy();
  }
  const fields = new URLSearchParams(form);
  send(response, 200, signedInPage(fields.get("username") ?? "", fields.get("password") ?? ""));
}

function send(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'",
    "cache-control": "no-store",
  });
  response.end(page);
}
