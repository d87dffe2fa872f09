import { z } from "zod";
import { Failure } from "../failure/failure.ts";

const timeoutMs = 10_000;
/** Portainer's roles: 1 is an administrator, 2 a standard user. */
const user = z.looseObject({ Role: z.number() });
const administrator = 1;

/**
 * Whether an access token belongs to an administrator of the Portainer at that address, as its `GET /api/users/me` tells. Throws
 * an `unreachable` Failure where it gives no answer.
 */
export async function isPortainerAdministrator(url: string, token: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/users/me`, {
      headers: { "x-api-key": token, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (answer.status === 401 || answer.status === 403) return false;
    if (!answer.ok) throw new Error(`it answered with status ${answer.status}`);
    return user.parse(await answer.json()).Role === administrator;
  } catch (cause) {
    throw new Failure("unreachable", `Portainer at ${url} could not be asked`, {
      hint: "see whether Davit's container reaches DAVIT_PORTAINER_URL; the password works meanwhile",
      cause,
    });
  }
}
