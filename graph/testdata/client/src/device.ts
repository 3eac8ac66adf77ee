// The data on the device for offline work. They are code, risk and stage of each case, which identify no child,
// and the token of the last change. They belong to the caller and are deleted at sign-out.
import type { Client } from "urql";
import { CasesSinceDocument, type CaseRowFragment } from "./generated";

/** A case as the device stores it. */
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

/** Fetches the changes since the last time and returns the number of changed cases. */
export async function synchronise(client: Client, owner: string): Promise<number> {
  const db = await open(owner);
  try {
    let changes = 0;
    for (;;) {
      const token: string | undefined = await answer(db.transaction("state").objectStore("state").get("token"));
      const { data, error } = await client.query(CasesSinceDocument, { token }, { requestPolicy: "network-only" });
      if (!data?.changesSince) throw error;
      const page = data.changesSince;
      const t = db.transaction(["cases", "state"], "readwrite"); // stores a page with its token, or neither
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

/** Deletes everything from the device. */
export const forget = (owner: string) => answer(indexedDB.deleteDatabase(`cases of ${owner}`));
