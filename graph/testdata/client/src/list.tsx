// The list of open cases, with pages in both directions.
import { useState } from "react";
import { useQuery } from "urql";
import { CasesDocument, type CasesQueryVariables } from "./generated";
import { Problem } from "./problem";

const size = 8;

export function CaseList({ open }: { open: (id: string) => void }) {
  const [page, turn] = useState<CasesQueryVariables>({ first: size });
  const [{ data, error, stale, fetching }] = useQuery({ query: CasesDocument, variables: page, requestPolicy: "cache-and-network" });
  const cases = data?.caseFiles;
  if (!cases) return <Problem error={error} waiting={fetching} />;
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = cases.pageInfo;
  return (
    <section aria-busy={stale || fetching}>
      <h2>Open cases ({cases.totalCount})</h2>
      <Problem error={error} />
      <table>
        <thead>
          <tr><th>Code</th><th>Risk</th><th>Stage</th></tr>
        </thead>
        <tbody>
          {cases.nodes.map((row) => (
            <tr key={row.id}>
              <td><button className="link" onClick={() => open(row.id)}>{row.code}</button></td>
              <td>{row.risk}</td>
              <td>{row.stage}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <nav aria-label="Pages">
        <button disabled={!hasPreviousPage} onClick={() => turn({ last: size, before: startCursor })}>Previous</button>
        <button disabled={!hasNextPage} onClick={() => turn({ first: size, after: endCursor })}>Next</button>
      </nav>
    </section>
  );
}
