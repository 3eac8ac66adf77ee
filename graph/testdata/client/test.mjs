// The sample client in a real browser, against a started demonstration: node test.mjs PATH_OF_THE_HUB
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";
import { serve } from "./serve.mjs";

const [hubPort, port] = [18082, 18083];
const [origin, hubOrigin] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${hubPort}`];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const hub = spawn(process.argv[2], ["serve", "--demo", "--listen", `127.0.0.1:${hubPort}`], { stdio: ["ignore", "pipe", "inherit"] });
let browser, server;
try {
  await once(hub.stdout, "data");
  server = await serve(port, hubPort);
  const people = await (await fetch(`${origin}/graphiql/people`)).json();
  const tokenOf = (email) => people.find((p) => p.Email === email).Token;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  const wrong = [];
  page.on("pageerror", (e) => { if (e.name !== "AbortError") wrong.push(String(e)); }); // graphql-sse leaves one behind when the page stops listening
  page.on("console", (m) => { if (m.type() === "error" && !/Failed to load resource/.test(m.text())) wrong.push(m.text()); });

  // What a person does on the page.
  const signIn = async (email, purpose, language = "en") => {
    await page.goto(origin);
    await page.fill("[name=token]", tokenOf(email));
    await page.selectOption("[name=purpose]", purpose);
    await page.selectOption("[name=language]", language);
    await page.click("text=Sign in");
    await page.waitForSelector("tbody tr");
  };
  const codes = () => page.locator("tbody tr td:first-child").allTextContents();
  const turn = async (name) => {
    const before = await codes();
    await page.getByRole("button", { name, exact: true }).click();
    await page.waitForFunction((first) => document.querySelector("tbody tr td")?.textContent !== first, before[0]);
    return codes();
  };
  const openCase = async (code) => {
    await page.getByRole("button", { name: code, exact: true }).click();
    await page.waitForSelector("dl");
  };
  const field = (name) => page.locator(`[data-field=${name}]`);
  const shows = (code, risk) => page.waitForFunction(([c, r]) => [...document.querySelectorAll("tbody tr")].some((tr) => tr.cells[0].textContent === c && tr.cells[1].textContent === r), [code, risk]);
  const everythingKept = async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((done) => { const r = indexedDB.open(name); r.onsuccess = () => done(r.result); });
      for (const store of db.objectStoreNames) found.push(await new Promise((done) => { const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => done(r.result); }));
      db.close();
    }
    return JSON.stringify(found);
  };
  /** Somebody else asks, meanwhile. */
  const elsewhere = async (email, query, variables, at = origin) => {
    const answer = await fetch(`${at}/graphql`, { method: "POST", body: JSON.stringify({ query, variables }),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${tokenOf(email)}` } });
    const { data, errors } = await answer.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  };

  /** The supervisor gives a case another risk. */
  const rate = async (code, risk, at = origin) => {
    const found = await elsewhere("supervisor.bf@demo", `query($code:String!){caseFiles(where:{code:{eq:$code}}){nodes{id version}}}`, { code }, at);
    const { id, version } = found.caseFiles.nodes[0];
    await elsewhere("supervisor.bf@demo", `mutation($input:UpdateCaseFileInput!){updateCaseFile(input:$input){caseFile{id}}}`, { input: { id, version, risk } }, at);
    return version;
  };

  const tests = {
    "pages go forth and back": async () => {
      await signIn("protection.bf@demo", "services");
      const first = await codes();
      assert.equal(first.length, 8);
      assert.ok(await page.getByRole("button", { name: "Previous" }).isDisabled());
      const second = await turn("Next");
      assert.equal(first.filter((c) => second.includes(c)).length, 0);
      const third = await turn("Next");
      assert.deepEqual(await turn("Previous"), second);
      assert.deepEqual(await turn("Previous"), first);
      assert.ok(third[0] > second[7] && second[0] > first[7], "in order of the code");
    },
    "what is hidden is shown as hidden, with its class": async () => {
      await signIn("protection.bf@demo", "");
      await openCase((await codes())[0]);
      assert.match(await field("givenName").textContent(), /^hidden \(C3 DIRECT\)/);
      assert.match(await field("sex").textContent(), /^hidden \(C3 QUASI\)/);
      assert.match(await field("summary").textContent(), /^hidden \(C3 DIRECT\)/);
      assert.doesNotMatch(await field("ageBand").textContent(), /hidden/);
      await signIn("protection.bf@demo", "services");
      const all = await codes();
      let clear = 0;
      for (const code of all) { // some of them have a living consent
        await openCase(code);
        if (!/hidden/.test(await field("givenName").textContent())) clear++;
        await page.click("text=All cases");
        await page.waitForSelector("tbody tr");
      }
      assert.ok(clear > 0 && clear < all.length, `${clear} of ${all.length} in clear`);
    },
    "a change shows at once, and in the list from the cache": async () => {
      await signIn("protection.bf@demo", "services");
      const code = (await codes())[1];
      await openCase(code);
      const version = Number(await field("version").textContent());
      const from = await page.inputValue("select");
      const to = from === "HIGH" ? "LOW" : "HIGH";
      let release;
      await page.route("**/graphql", async (route) => { // what else the page asks meanwhile is not held up
        if (/mutation/.test(route.request().postData() ?? "")) await new Promise((go) => (release = go));
        await route.continue();
      });
      await page.selectOption("select", to);
      await page.waitForFunction((risk) => document.querySelector("select").value === risk, to);
      assert.equal(Number(await field("version").textContent()), version, "the hub has not answered yet");
      release();
      await page.waitForFunction((v) => document.querySelector("[data-field=version]").textContent === String(v), version + 1);
      await page.unroute("**/graphql");
      await page.click("text=All cases");
      assert.equal(await page.locator("tbody tr", { hasText: code }).locator("td").nth(1).textContent(), to);
    },
    "who was slower is told, and loses nothing": async () => {
      await signIn("protection.bf@demo", "services", "fr");
      const code = (await codes())[2];
      await openCase(code);
      const from = await page.inputValue("select");
      const [theirs, mine] = ["HIGH", "MEDIUM", "LOW"].filter((risk) => risk !== from);
      const version = await rate(code, theirs);
      await page.selectOption("select", mine);
      await page.waitForSelector("[role=alert][data-code=CONFLICT]");
      assert.match(await page.textContent("[role=alert]"), /Quelqu'un a changé cette fiche/);
      assert.ok([from, theirs].includes(await page.inputValue("select")), "the optimistic value is taken back; theirs may have come meanwhile");
      await page.click("text=Read it again");
      await page.waitForFunction((risk) => document.querySelector("select").value === risk, theirs);
      await page.selectOption("select", mine);
      await page.waitForFunction((v) => document.querySelector("[data-field=version]").textContent === String(v), version + 2);
    },
    "who was slower may set the own value all the same, on the version that the conflict tells": async () => {
      await signIn("protection.bf@demo", "services");
      const code = (await codes())[4];
      await openCase(code);
      const from = await page.inputValue("select");
      const [theirs, mine] = ["HIGH", "MEDIUM", "LOW"].filter((risk) => risk !== from);
      const version = await rate(code, theirs);
      await page.selectOption("select", mine);
      await page.getByRole("button", { name: `Set ${mine} all the same` }).click();
      await page.waitForFunction((v) => document.querySelector("[data-field=version]").textContent === String(v), version + 2);
      assert.equal(await page.inputValue("select"), mine);
      assert.equal(await page.locator("[role=alert]").count(), 0);
    },
    "what others change shows by itself, also after the line was lost": async () => {
      const listening = page.waitForResponse((r) => r.headers()["content-type"]?.startsWith("text/event-stream"));
      await signIn("protection.bf@demo", "services");
      const code = (await codes())[3];
      const risk = () => page.locator("tbody tr", { hasText: code }).locator("td").nth(1).textContent();
      const before = await risk();
      const [one, other] = ["HIGH", "MEDIUM", "LOW"].filter((r) => r !== before);
      await listening;
      await rate(code, one);
      await shows(code, one);
      server.cut = true; // no line: what happens now must come later
      server.closeAllConnections();
      await rate(code, other, hubOrigin);
      server.cut = false;
      await shows(code, other);
    },
    "without a line the device has the cases, and then asks for what changed only": async () => {
      await signIn("protection.bf@demo", "services");
      await page.getByRole("button", { name: "On this device" }).click();
      const sync = async () => {
        await page.click("text=Synchronise");
        await page.waitForSelector("[role=status]:not(:empty), [role=alert]");
        return page.locator("[role=status], [role=alert]").allTextContents();
      };
      const rows = page.locator("main li");
      const [said] = await sync();
      const held = await rows.count();
      assert.ok(held > 100 && said === `${held} changes`, said);
      server.cut = true;
      server.closeAllConnections();
      const code = (await rows.first().textContent()).split(" ")[0];
      const risk = (await rows.first().textContent()).includes("HIGH") ? "LOW" : "HIGH";
      await rate(code, risk, hubOrigin);
      assert.match((await sync()).join(), /cannot be reached/);
      assert.equal(await rows.count(), held, "still there");
      server.cut = false;
      await signIn("protection.bf@demo", "services"); // the page begins anew
      await page.getByRole("button", { name: "On this device" }).click();
      await page.waitForFunction((n) => document.querySelectorAll("main li").length === n, held);
      assert.deepEqual(await sync(), ["1 changes"]);
      assert.match(await rows.first().textContent(), new RegExp(`^${code} ${risk}`));
      assert.doesNotMatch(await page.evaluate(everythingKept), /Name|given/i, "no child is named on the device");
      await page.click("text=Sign out");
      await page.waitForSelector("[name=token]");
      assert.equal(await page.evaluate(everythingKept), "[]", "signing out takes it off");
    },
  };
  let passed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      passed++;
      console.log(`ok: ${name}`);
    } catch (e) {
      process.exitCode = 1;
      if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}/${name.replaceAll(" ", "_")}.png` });
      console.error(`FAILED: ${name}\n`, e);
    }
  }
  assert.deepEqual(wrong, [], "no error on the page");
  console.log(`${passed} passed, ${Object.keys(tests).length - passed} failed`);
} finally {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  hub.kill("SIGINT");
  await once(hub, "exit");
}
