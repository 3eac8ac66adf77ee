// Fields that the rules make null are shown as hidden. `masked` of a row names them, and their classes say why.
import type { ReactNode } from "react";
import { classes } from "./classes";

type Row = { __typename?: string; masked?: string[] };

/** One field of a row. A masked one is shown as hidden, not as missing. */
export function Field({ row, type, name, label, children }: { row: Row; type: string; name: string; label: string; children: ReactNode }) {
  const masked = row.masked?.includes(name);
  return (
    <div className="field">
      <dt>{label}</dt>
      {masked ? (
        <dd className="hidden" title={`Class ${classes[type]?.[name]}`} data-field={name}>
          hidden ({classes[type]?.[name]}): your roles, your purpose or the child's consent do not clear it
        </dd>
      ) : (
        <dd data-field={name}>{children ?? "–"}</dd>
      )}
    </div>
  );
}
