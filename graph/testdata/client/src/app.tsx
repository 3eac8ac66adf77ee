// Sign-in, and which page is shown.
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "urql";
import { Case } from "./case";
import { type Caller, connect } from "./hub";
import { CaseList } from "./list";

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
  const [id, open] = useState("");
  return (
    <Provider value={client}>
      <header>
        <button onClick={leave}>Sign out</button>
      </header>
      {id ? <Case id={id} close={() => open("")} /> : <CaseList open={open} />}
    </Provider>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
