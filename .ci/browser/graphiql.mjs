// Tests the pages in a real browser against a started demonstration. GraphiQL loads nothing from outside, offers the
// people and their purposes, answers its examples, and documents which fields the rules make null. The help explains
// every error code. An argument is the path of the hub on its host.
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";

const address = "127.0.0.1:18080";
const basePath = process.argv[2] ?? "";
const origin = `http://${address}${basePath}`; // nothing of the hub is outside of it
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const hub = spawn("../rightshub", ["serve", "--demo", "--listen", address, "--base-path", basePath], { stdio: ["ignore", "pipe", "inherit"] });
let browser;
try {
  await once(hub.stdout, "data");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  const page = await browser.newPage();
  const [outside, wrong, sent] = [[], [], {}];
  page.on("request", (r) => { if (!r.url().startsWith(`${origin}/`) && !/^(data|blob):/.test(r.url())) outside.push(r.url()); });
  page.on("response", (r) => { if (r.url().includes("/assets/")) sent[new URL(r.url()).pathname.split("/").at(-1)] = r.headers(); });
  page.on("pageerror", (e) => wrong.push(String(e)));
  await page.goto(`${origin}/`);
  await page.waitForSelector(".graphiql-execute-button");

  // The assets of the page are compressed and cached, because they are large for a poor line.
  for (const [name, headers] of Object.entries(sent)) {
    assert.equal(headers["content-encoding"], "br", name);
    assert.match(headers["cache-control"], /immutable/, name);
  }
  assert.ok(sent["graphiql.js"] && sent["page.css"], Object.keys(sent).join());

  // The page offers the people of the demonstration and the purposes of each.
  assert.equal(await page.locator("#person option").count(), 13, "twelve people and one's own token");
  const be = async (email) => {
    await page.selectOption("#person", { label: await page.locator("#person option", { hasText: email }).textContent() });
    await page.waitForFunction((e) => document.querySelector("#granted").hidden === (e !== "auditor@demo"), email);
  };
  const purposes = () => page.locator("#purpose option").allTextContents();
  await be("auditor@demo");
  assert.deepEqual(await purposes(), ["(none)", "audit"]);
  assert.match((await page.locator("#grant option").allTextContents()).join(), /Demonstration audit/);
  await be("protection.bf@demo");
  assert.deepEqual(await purposes(), ["(none)", "services", "case_sharing", "referral", "tracing"]);

  // The examples are tabs, and the hub answers them.
  const run = async (tab, purpose = "") => {
    await page.selectOption("#purpose", purpose);
    await page.locator(".graphiql-tab-button", { hasText: tab }).click();
    const answered = page.waitForResponse((r) => r.url() === `${origin}/graphql` && r.request().postData()?.includes(` ${tab}`));
    await page.click(".graphiql-execute-button");
    return (await answered).json();
  };
  const masked = (await run("Cases")).data.caseFiles.nodes[0].child;
  assert.equal(masked.givenName, null);
  assert.ok(masked.masked.includes("givenName"));
  const cases = (await run("Cases", "services")).data.caseFiles.nodes.map((n) => n.child.givenName);
  assert.ok(cases.some((name) => typeof name === "string"), "some in clear");
  for (const tab of ["Pages", "ByEdge", "Detail", "AnyRow", "Since", "Viewer"]) {
    const { data, errors } = await run(tab, "services");
    assert.equal(errors, undefined, tab);
    assert.ok(Object.values(data).every((v) => v !== null && v.totalCount !== 0), tab);
  }
  assert.equal((await run("ChangeRisk")).data.updateCaseFile.caseFile.version, 2);
  assert.equal((await run("ChangeRisk")).errors[0].extensions.code, "CONFLICT");
  assert.ok((await run("Emergency", "services")).data.openEmergencyAccess.emergencyAccess.id);

  // A subscription shows the changes while it runs.
  await page.locator(".graphiql-tab-button", { hasText: "Changes" }).click();
  const listening = page.waitForResponse((r) => r.headers()["content-type"]?.startsWith("text/event-stream"));
  await page.click(".graphiql-execute-button");
  await listening;
  const officer = (await (await fetch(`${origin}/graphiql/people`)).json()).find((p) => p.Email === "protection.bf@demo");
  const again = { query: "mutation($id:ID!){updateCaseFile(input:{id:$id,version:2,risk:LOW}){caseFile{id}}}", variables: { id: await page.evaluate(async () => (await knownRows()).id) } };
  await fetch(`${origin}/graphql`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${officer.Token}` }, body: JSON.stringify(again) });
  await page.waitForFunction(() => /"kind":\s*"CHANGED"/.test(document.querySelector(".result-window")?.textContent));
  await page.click(".graphiql-execute-button"); // stop

  // The docs say which fields the rules make null.
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.locator(".graphiql-doc-explorer-search input").pressSequentially("givenName");
  await page.locator(".graphiql-doc-explorer-search [role=option]", { hasText: /^Child.givenName/ }).first().click();
  await page.getByText("Class C3 direct: null where your roles, your purpose and the child's consent do not clear it.").first().waitFor();
  if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });

  // The page is in the language of the browser, and in another one when the reader chooses it.
  for (const [locale, language, labels, role, example] of [
    ["fr-CA", "fr", /En tant que.*Jeton.*Finalité.*Langue.*Codes d'erreur/s, "coordonnatrice de pays", "Une liste, une page à la fois."],
    ["es", "es", /Como.*Token.*Finalidad.*Idioma.*Códigos de error/s, "coordinadora de país", "Una lista, página a página."],
    ["de", "en", /As.*Token.*Purpose.*Language.*Error codes/s, "country coordinator", "A list, a page at a time."],
  ]) {
    const reader = await browser.newPage({ locale });
    await reader.goto(`${origin}/graphiql`);
    await reader.waitForSelector(".graphiql-execute-button");
    assert.equal(await reader.inputValue("#language"), language);
    assert.equal(await reader.getAttribute("html", "lang"), language);
    assert.match(await reader.textContent("#bar"), labels);
    assert.match((await reader.locator("#person option").allTextContents()).join(), new RegExp(role));
    await reader.getByText(example).first().waitFor();
    await reader.selectOption("#language", "fr");
    assert.match(await reader.textContent("#bar"), /Langue.*Codes d'erreur/s);
    assert.equal(await reader.locator("#purpose option").first().textContent(), "(aucune)");
    await reader.waitForSelector(".graphiql-execute-button");
    await reader.close();
  }

  // The help explains every error code in the language of the browser.
  assert.equal(await page.getAttribute("#bar a", "href"), `${basePath}/help/errors`);
  for (const [locale, title, words] of [["en", "Error codes", /Somebody else changed the row/], ["fr-CA", "Codes d'erreur", /Quelqu'un d'autre a changé la fiche/], ["es", "Códigos de error", /Otra persona cambió el registro/]]) {
    const reader = await browser.newPage({ locale });
    await reader.goto(`${origin}/help/errors#CONFLICT`);
    assert.equal(await reader.textContent("h1"), title);
    assert.equal(await reader.locator("section").count(), 10);
    assert.match(await reader.locator("section:target").textContent(), words);
    await reader.close();
  }

  assert.deepEqual(outside, [], "nothing is loaded from outside");
  assert.deepEqual(wrong, [], "no error on the page");
  console.log("GraphiQL and the error codes answer in a browser.");
} finally {
  await browser?.close();
  hub.kill("SIGINT");
  await once(hub, "exit");
}
