// What stays on the device for work without a line: of each case its code, risk and stage, which name no child; and the
// token of what is known. It is the caller's own, and goes when the caller signs out.
import type { Client } from "urql";
import { CasesSinceDocument, type CaseRowFragment } from "./generated";

/** A case as the device keeps it. */
export type Kept = Pick<CaseRowFragment, "id" | "code" | "risk" | "stage">;

const open = (owner: string) => new Promise<IDBDatabase>((done, fail) => {
  const r = indexedDB.open(`cases of ${owner}`, 1);
  r.onupgradeneeded = () => {
    r.result.createObjectStore("cases", { keyPath: "id" });
    r.result.createObjectStore("state");
  };
  r.onsuccess = () => done(r.result);
  r.onerror = () => fail(r.error);
});

const answer = <T>(r: IDBRequest<T>) => new Promise<T>((done, fail) => {
  r.onsuccess = () => done(r.result);
  r.onerror = () => fail(r.error);
});

/** The cases on this device, by code. */
export async function kept(owner: string): Promise<Kept[]> {
  const db = await open(owner);
  const rows: Kept[] = await answer(db.transaction("cases").objectStore("cases").getAll());
  db.close();
  return rows.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Asks the hub for what changed since the last time, and returns how many cases did. */
export async function synchronise(client: Client, owner: string): Promise<number> {
  const db = await open(owner);
  try {
    let changes = 0;
    for (;;) {
      const token: string | undefined = await answer(db.transaction("state").objectStore("state").get("token"));
      const { data, error } = await client.query(CasesSinceDocument, { token }, { requestPolicy: "network-only" });
      if (!data?.changesSince) throw error;
      const page = data.changesSince;
      const t = db.transaction(["cases", "state"], "readwrite"); // a page and its token together, or neither
      for (const { id, node } of page.changes) {
        if (node && "code" in node) t.objectStore("cases").put({ id, code: node.code, risk: node.risk, stage: node.stage } satisfies Kept);
        else t.objectStore("cases").delete(id);
      }
      t.objectStore("state").put(page.token, "token");
      await new Promise((done, fail) => { t.oncomplete = done; t.onerror = fail; });
      changes += page.changes.length;
      if (!page.hasMore) return changes;
    }
  } finally {
    db.close();
  }
}

/** Takes everything off the device. */
export const forget = (owner: string) => answer(indexedDB.deleteDatabase(`cases of ${owner}`));
