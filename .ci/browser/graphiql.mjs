// GraphiQL in a real browser, against a started demonstration: it loads nothing from outside, a person is chosen, and
// a query of its examples is answered.
import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import assert from "node:assert";

const address = "127.0.0.1:18080";
const hub = spawn("../rightshub", ["serve", "--demo", "--listen", address], { stdio: ["ignore", "pipe", "inherit"] });
try {
  await once(hub.stdout, "data");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage();
  const outside = [];
  const wrong = [];
  page.on("request", (r) => { if (!r.url().startsWith(`http://${address}/`) && !/^(data|blob):/.test(r.url())) outside.push(r.url()); });
  page.on("pageerror", (e) => wrong.push(String(e)));
  await page.goto(`http://${address}/`);
  await page.waitForSelector(".graphiql-execute-button");
  assert.equal(await page.locator("#person option").count(), 13, "twelve people and one's own token");
  await page.selectOption("#person", { label: await page.locator("#person option", { hasText: "protection.bf@demo" }).textContent() });
  const ask = async (purpose) => {
    await page.selectOption("#purpose", purpose);
    const answered = page.waitForResponse((r) => r.url().endsWith("/graphql") && r.request().postData()?.includes('"Cases"'));
    await page.click(".graphiql-execute-button");
    await page.getByRole("menuitem", { name: "Cases" }).click();
    return (await answered).json();
  };
  const masked = (await ask("")).data.caseFiles.nodes[0].child;
  assert.equal(masked.givenName, null);
  assert.ok(masked.masked.includes("givenName"));
  const clear = (await ask("services")).data.caseFiles.nodes[0].child;
  assert.equal(typeof clear.givenName, "string");
  assert.deepEqual(outside, [], "nothing is loaded from outside");
  assert.deepEqual(wrong, [], "no error on the page");
  await browser.close();
  console.log("GraphiQL answers in a browser.");
} finally {
  hub.kill("SIGINT");
  await once(hub, "exit");
}
