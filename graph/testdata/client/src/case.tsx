// One case. It shows masked fields as hidden, and its risk can be changed.
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { CaseDocument, type CaseFileRisk, SetRiskDocument } from "./generated";
import { code, versionNow } from "./hub";
import { Field } from "./masked";
import { Problem } from "./problem";

const risks: CaseFileRisk[] = ["HIGH", "MEDIUM", "LOW"];

export function Case({ id, close }: { id: string; close: () => void }) {
  const [{ data, error, fetching }, again] = useQuery({ query: CaseDocument, variables: { id } });
  const [change, setRisk] = useMutation(SetRiskDocument);
  const [mine, setMine] = useState<CaseFileRisk>();
  const file = data?.caseFile;
  if (!file) return <Problem error={error} waiting={fetching} />;
  const { child } = file;
  const now = versionNow(change.error);
  const send = (risk: CaseFileRisk, version: number) => {
    setMine(risk);
    return setRisk({ input: { id, version, risk } });
  };
  const readAgain = () => again({ requestPolicy: "network-only" });
  return (
    <section>
      <button className="link" onClick={close}>All cases</button>
      <h2>{file.code}</h2>
      <Problem error={error ?? change.error} />
      {code(change.error) === "CONFLICT" && <button onClick={readAgain}>Read it again</button>}
      {mine && now && <button onClick={() => send(mine, now)}>Set {mine} all the same</button>}
      <dl>
        <Field row={file} type="CaseFile" name="risk" label="Risk">
          <select
            aria-label="Risk"
            value={file.risk}
            disabled={!file.access.canUpdate}
            onChange={(e) => send(e.target.value as CaseFileRisk, file.version)}
          >
            {risks.map((risk) => <option key={risk}>{risk}</option>)}
          </select>
        </Field>
        <Field row={file} type="CaseFile" name="stage" label="Stage">{file.stage}</Field>
        <Field row={file} type="CaseFile" name="version" label="Version">{file.version}</Field>
        <Field row={file} type="CaseFile" name="openedOn" label="Opened on">{file.openedOn}</Field>
        <Field row={file} type="CaseFile" name="concerns" label="Concerns">{file.concerns?.join(", ")}</Field>
        <Field row={file} type="CaseFile" name="summary" label="Summary">{file.summary}</Field>
      </dl>
      {child && (
        <>
          <h3>Child {child.caseCode}</h3>
          <dl>
            <Field row={child} type="Child" name="ageBand" label="Age">{child.ageBand}</Field>
            <Field row={child} type="Child" name="givenName" label="Given name">{child.givenName}</Field>
            <Field row={child} type="Child" name="familyName" label="Family name">{child.familyName}</Field>
            <Field row={child} type="Child" name="sex" label="Sex">{child.sex}</Field>
            <Field row={child} type="Child" name="birthDate" label="Day of birth">{child.birthDate}</Field>
            <Field row={child} type="Child" name="place" label="Place">{child.place?.name}</Field>
          </dl>
        </>
      )}
    </section>
  );
}
