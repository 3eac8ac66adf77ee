// Sign-in, and the choice of the page.
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Provider, useQuery, useSubscription } from "urql";
import { Case } from "./case";
import { forget } from "./device";
import { CasesChangeDocument, MeDocument } from "./generated";
import { type Caller, connect } from "./hub";
import { CaseList } from "./list";
import { Offline } from "./offline";
import { Problem } from "./problem";

function App() {
  const [caller, signIn] = useState<Caller>();
  return caller ? <Signed key={caller.token + caller.purpose} caller={caller} leave={() => signIn(undefined)} /> : <SignIn signIn={signIn} />;
}

function SignIn({ signIn }: { signIn: (caller: Caller) => void }) {
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const given = new FormData(e.currentTarget);
        const text = (name: string) => String(given.get(name) ?? "");
        signIn({ token: text("token"), purpose: text("purpose"), language: text("language") });
      }}
    >
      <label>Token <input name="token" type="password" required autoComplete="off" /></label>
      <label>Purpose <select name="purpose"><option value="">none</option><option>services</option><option>referral</option></select></label>
      <label>Language <select name="language"><option>en</option><option>fr</option><option>es</option></select></label>
      <button>Sign in</button>
    </form>
  );
}

function Signed({ caller, leave }: { caller: Caller; leave: () => void }) {
  const client = useMemo(() => connect(caller), [caller]);
  return <Provider value={client}><Pages leave={leave} /></Provider>;
}

function Pages({ leave }: { leave: () => void }) {
  const [{ data, error }] = useQuery({ query: MeDocument });
  const [page, go] = useState<"list" | "device" | { id: string }>("list");
  useSubscription({ query: CasesChangeDocument });
  const user = data?.viewer?.user;
  if (!user) return <Problem error={error} waiting />;
  return (
    <>
      <header>
        {user.displayName} <button onClick={() => go("list")}>Cases</button> <button onClick={() => go("device")}>On this device</button>{" "}
        <button onClick={() => forget(user.id).finally(leave)}>Sign out</button>
      </header>
      {page === "list" && <CaseList open={(id) => go({ id })} />}
      {page === "device" && <Offline owner={user.id} />}
      {typeof page === "object" && <Case id={page.id} close={() => go("list")} />}
    </>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
