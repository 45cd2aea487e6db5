// The service as a mini-program calls it: signs in by itself, and says why something was refused.

import { readLoginCode } from "./api.js";

const DOOR = "/api/v1/";
/** So long a phone waits for an answer. */
const PATIENCE_MS = 15_000;
/** A server that is starting, stopping, or has too much to do. */
const NOT_WELL = new Set([500, 502, 503, 504]);

/** The service said no; title, words and code are its own. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || "没有办成，过一会儿再试。");
    this.status = status;
    this.title = problem.title || "没有办成";
    this.code = problem.code || String(status);
    this.facts = problem.facts ?? {};
  }
}

/** Nothing was said at all, or by nobody who is well: what was sent may have come there. */
export class NoNetwork extends Error {
  constructor(words = "没有网络。") {
    super(words);
  }
}

/** One phone's mini-program. `hasNetwork()` is the phone's own switch. */
export class Service {
  constructor(hasNetwork) {
    this.hasNetwork = hasNetwork;
    this.tokens = new Map();
  }

  /** As the person of `openid`; signs in first where that was not done, or is over. */
  async ask(openid, method, path, body) {
    try {
      return await this.#send(method, path, body, await this.#signIn(openid));
    } catch (error) {
      if (error.status !== 401) throw error;
      this.tokens.delete(openid);
      return this.#send(method, path, body, await this.#signIn(openid));
    }
  }

  /** Whoever was signed in here signs in anew. */
  leave(openid) {
    this.tokens.delete(openid);
  }

  async #signIn(openid) {
    if (!this.tokens.has(openid)) {
      if (!this.hasNetwork()) throw new NoNetwork();
      const { token } = await this.#send("POST", "login", { code: await readLoginCode(openid) });
      this.tokens.set(openid, token);
    }
    return this.tokens.get(openid);
  }

  async #send(method, path, body, token) {
    if (!this.hasNetwork()) throw new NoNetwork();
    let response;
    let said;
    try {
      response = await fetch(DOOR + path, {
        method,
        headers: { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) },
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      said = await response.json();
    } catch {
      throw new NoNetwork("服务没有回应。");
    }
    if (NOT_WELL.has(response.status)) throw new NoNetwork(said.detail || "服务没有回应。");
    if (!response.ok) throw new Refusal(response.status, said);
    return said;
  }
}
