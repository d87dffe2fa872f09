import { Failure } from "../failure/failure.ts";

/** Nobody known is asking, or the password was wrong: HTTP's 401, where every other `denied` is a 403. */
export class NotSignedIn extends Failure {
  constructor(message = "not signed in") {
    const hint = "sign in with POST /api/v1/session, or send an API token as a bearer token";
    super("denied", message, message === "not signed in" ? { hint } : {});
  }
}
