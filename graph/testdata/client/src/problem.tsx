// Errors for the reader. The message of the hub is in the caller's language, and its code links to the help.
import type { CombinedError } from "urql";
import { code, hub } from "./hub";

export function Problem({ error, waiting }: { error?: CombinedError; waiting?: boolean }) {
  if (!error) return waiting ? <p role="status">Loading…</p> : null;
  const text = code(error) === "OFFLINE" ? "The hub cannot be reached: what you see may be old." : error.graphQLErrors[0]?.message;
  return (
    <p role="alert" data-code={code(error)}>
      {text} <a href={`${hub}/help/errors#${code(error)}`}>{code(error)}</a>
    </p>
  );
}
