// The sample client in a real browser, against a started demonstration: node test.mjs PATH_OF_THE_HUB
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";
import { serve } from "./serve.mjs";

const [hubPort, port] = [18082, 18083];
const origin = `http://127.0.0.1:${port}`;
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
  page.on("pageerror", (e) => wrong.push(String(e)));
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
  /** Somebody else changes the case meanwhile. */
  const elsewhere = async (email, query, variables) => {
    const answer = await fetch(`${origin}/graphql`, { method: "POST", body: JSON.stringify({ query, variables }),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${tokenOf(email)}` } });
    const { data, errors } = await answer.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
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
      await page.route("**/graphql", async (route) => { await new Promise((go) => (release = go)); await route.continue(); });
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
      const found = await elsewhere("supervisor.bf@demo", `query($code:String!){caseFiles(where:{code:{eq:$code}}){nodes{id version}}}`, { code });
      const { id, version } = found.caseFiles.nodes[0];
      await elsewhere("supervisor.bf@demo", `mutation($input:UpdateCaseFileInput!){updateCaseFile(input:$input){caseFile{id}}}`, { input: { id, version, risk: theirs } });
      await page.selectOption("select", mine);
      await page.waitForSelector("[role=alert][data-code=CONFLICT]");
      assert.match(await page.textContent("[role=alert]"), /Quelqu'un a changé cette fiche/);
      assert.equal(await page.inputValue("select"), from, "the optimistic value is taken back");
      await page.click("text=Read it again");
      await page.waitForFunction((risk) => document.querySelector("select").value === risk, theirs);
      await page.selectOption("select", mine);
      await page.waitForFunction((v) => document.querySelector("[data-field=version]").textContent === String(v), version + 2);
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
