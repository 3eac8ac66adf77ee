// Tests the sample client in a real browser against a started demonstration. Usage: node test.mjs PATH_OF_THE_HUB
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";
import { serve } from "./serve.mjs";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const apart = await serve(0); // the page alone, of another origin than the hub's
const hub = spawn(process.argv[2], ["serve", "--demo", "--listen", "127.0.0.1:0", "--allowed-origins", apart.origin], { stdio: ["ignore", "pipe", "inherit"] });
const ended = once(hub, "exit");
process.on("exit", () => hub.kill("SIGINT")); // however this ends, the hub ends as well; so does the browser
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
let browser, server;
try {
  const hubOrigin = await Promise.race([
    once(hub.stdout, "data").then(([said]) => String(said).match(/http:\/\/127\.0\.0\.1:\d+/)[0]),
    ended.then(() => assert.fail("the hub does not start")),
  ]);
  hub.stdout.resume();
  server = await serve(0, new URL(hubOrigin).port);
  const { origin } = server;
  apart.hub = origin;
  const people = await (await fetch(`${origin}/graphiql/people`)).json();
  const tokenOf = (email) => people.find((p) => p.Email === email).Token;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  const wrong = [];
  let page; // each test has its own, with nothing of another's on the device or held up
  const newPage = async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(30_000); // a busy machine is slow
    // graphql-sse leaves an AbortError behind when the page stops listening.
    page.on("pageerror", (e) => { if (e.name !== "AbortError") wrong.push(String(e)); });
    page.on("console", (m) => { if (m.type() === "error" && !/Failed to load resource/.test(m.text())) wrong.push(m.text()); });
  };
  /** Delays the requests of one kind (query, mutation or subscription) until the returned function is called. */
  const hold = async (kind) => {
    let letGo;
    const free = new Promise((go) => (letGo = go));
    await page.route("**/graphql", async (route) => {
      if (route.request().postData()?.includes(`"${kind} `)) await free;
      await route.fallback().catch(() => {}); // the page may have gone
    });
    return letGo;
  };

  // The actions of a person on the page.
  const signIn = async (email, purpose, language = "en", at = origin) => {
    await page.goto(at);
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
    await page.waitForFunction((first) => ![undefined, first].includes(document.querySelector("tbody tr td")?.textContent), before[0]);
    return codes();
  };
  const openCase = async (code) => {
    await page.getByRole("button", { name: code, exact: true }).click();
    await page.waitForSelector("dl");
  };
  const field = (name) => page.locator(`[data-field=${name}]`);
  const hasVersion = (version) => page.waitForFunction((v) => document.querySelector("[data-field=version]")?.textContent === String(v), version);
  const hasRisk = (risk) => page.waitForFunction((r) => document.querySelector("select")?.value === r, risk);
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

  /** What others do to a case shows in the list, also what they do while there is no line. */
  const hears = async (code) => {
    const before = await page.locator("tbody tr", { hasText: code }).locator("td").nth(1).textContent();
    const [one, other] = ["HIGH", "MEDIUM", "LOW"].filter((r) => r !== before);
    await rate(code, one);
    await shows(code, one);
    server.cut = true; // what happens now must come later
    server.closeAllConnections();
    await rate(code, other, hubOrigin);
    server.cut = false;
    await shows(code, other);
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
      await hold("subscription"); // an event would have the list asked for again
      await signIn("protection.bf@demo", "services");
      const code = (await codes())[1];
      await openCase(code);
      const version = Number(await field("version").textContent());
      const from = await page.inputValue("select");
      const to = from === "HIGH" ? "LOW" : "HIGH";
      const send = await hold("mutation");
      await page.selectOption("select", to);
      await hasRisk(to);
      assert.equal(Number(await field("version").textContent()), version, "the hub has not answered yet");
      send();
      await hasVersion(version + 1);
      await hold("query");
      await page.click("text=All cases");
      await shows(code, to);
    },
    "who was slower is told, and loses nothing": async () => {
      await hold("subscription"); // nothing tells the page of their change
      await signIn("protection.bf@demo", "services", "fr");
      const code = (await codes())[2];
      await openCase(code);
      const from = await page.inputValue("select");
      const [theirs, mine] = ["HIGH", "MEDIUM", "LOW"].filter((risk) => risk !== from);
      const version = await rate(code, theirs);
      await page.selectOption("select", mine);
      await page.waitForSelector("[role=alert][data-code=CONFLICT]");
      assert.match(await page.textContent("[role=alert]"), /Quelqu'un a changé cette fiche/);
      await hasRisk(from); // the optimistic value is taken back
      await page.click("text=Read it again");
      await hasRisk(theirs);
      await page.selectOption("select", mine);
      await hasVersion(version + 2);
    },
    "who was slower may set the own value all the same, on the version that the conflict tells": async () => {
      await hold("subscription");
      await signIn("protection.bf@demo", "services");
      const code = (await codes())[4];
      await openCase(code);
      const from = await page.inputValue("select");
      const [theirs, mine] = ["HIGH", "MEDIUM", "LOW"].filter((risk) => risk !== from);
      const version = await rate(code, theirs);
      await page.selectOption("select", mine);
      await page.getByRole("button", { name: `Set ${mine} all the same` }).click();
      await hasVersion(version + 2);
      await hasRisk(mine);
      await page.locator("[role=alert]").waitFor({ state: "detached" });
    },
    "what others change shows by itself, also after the line was lost": async () => {
      const listening = page.waitForResponse((r) => r.headers()["content-type"]?.startsWith("text/event-stream"));
      await signIn("protection.bf@demo", "services");
      await listening;
      await hears((await codes())[3]);
    },
    "a page of another origin, which the hub lets, asks, changes and hears": async () => {
      const asked = [];
      page.on("response", async (r) => { if (r.url() === `${origin}/graphql`) asked.push((await r.allHeaders())["access-control-allow-origin"]); });
      const listening = page.waitForResponse((r) => r.headers()["content-type"]?.startsWith("text/event-stream"));
      await signIn("protection.bf@demo", "services", "en", apart.origin);
      await listening;
      const code = (await codes())[5];
      await openCase(code);
      const version = Number(await field("version").textContent());
      const to = (await page.inputValue("select")) === "HIGH" ? "LOW" : "HIGH";
      await page.selectOption("select", to);
      await hasVersion(version + 1);
      await page.click("text=All cases");
      await shows(code, to);
      await hears(code);
      assert.ok(asked.length > 3 && asked.every((allowed) => allowed === apart.origin), asked.join());
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
      const shown = (n) => page.waitForFunction((n) => document.querySelectorAll("main li").length === n, n);
      const [said] = await sync();
      const held = parseInt(said);
      assert.ok(held > 100 && said === `${held} changes`, said);
      await shown(held);
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
      await shown(held);
      assert.deepEqual(await sync(), ["1 changes"]);
      await rows.first().filter({ hasText: `${code} ${risk}` }).waitFor();
      assert.doesNotMatch(await page.evaluate(everythingKept), /Name|given/i, "no child is named on the device");
      await page.click("text=Sign out");
      await page.waitForSelector("[name=token]");
      assert.equal(await page.evaluate(everythingKept), "[]", "signing out takes it off");
    },
  };
  let passed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await newPage();
      await test();
      passed++;
      console.log(`ok: ${name}`);
    } catch (e) {
      process.exitCode = 1;
      if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}/${name.replaceAll(" ", "_")}.png` });
      console.error(`FAILED: ${name}\n`, e);
    } finally {
      server.cut = false;
      await page.close();
    }
  }
  assert.deepEqual(wrong, [], "no error on the page");
  console.log(`${passed} passed, ${Object.keys(tests).length - passed} failed`);
} finally {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  apart.close();
  hub.kill("SIGINT");
  setTimeout(() => hub.kill("SIGKILL"), 10_000).unref(); // it has had its time
  await ended;
}
