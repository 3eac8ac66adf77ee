// The cases on this device. They are available offline. Online, the client fetches only the changes.
import { useEffect, useState } from "react";
import { type CombinedError, useClient } from "urql";
import { type Kept, kept, synchronise } from "./device";
import { Problem } from "./problem";

export function Offline({ owner }: { owner: string }) {
  const client = useClient();
  const [rows, show] = useState<Kept[]>([]);
  const [said, say] = useState("");
  const [error, fail] = useState<CombinedError>();
  useEffect(() => void kept(owner).then(show), [owner]);
  const ask = async () => {
    say("");
    fail(undefined);
    try {
      say(`${await synchronise(client, owner)} changes`);
      show(await kept(owner));
    } catch (e) {
      fail(e as CombinedError);
    }
  };
  return (
    <section>
      <h2>On this device ({rows.length})</h2>
      <button onClick={ask}>Synchronise</button> <span role="status">{said}</span>
      <Problem error={error} />
      <ul>{rows.map((row) => <li key={row.id}>{row.code} {row.risk} {row.stage}</li>)}</ul>
    </section>
  );
}
