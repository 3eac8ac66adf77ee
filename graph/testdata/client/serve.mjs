// Serves the page and forwards requests for the hub to it, so that both have one origin. With the address of a hub,
// as in node serve.mjs http://127.0.0.1:8080, it serves only the page, which then sends its requests to that other
// origin.
import { createReadStream, readFileSync } from "node:fs";
import { createServer, request } from "node:http";

const types = { css: "text/css", js: "text/javascript" };
const file = (name) => new URL(name, import.meta.url);

/** Serves on a port of this machine (0: any that is free), in front of the hub on another. */
export async function serve(port, hubPort) {
  const server = createServer((q, a) => {
    if (q.url === "/") {
      a.setHeader("Content-Type", "text/html; charset=utf-8");
      return a.end(readFileSync(file("index.html"), "utf8").replace('name="hub" content=""', `name="hub" content="${server.hub ?? ""}"`));
    }
    if (q.url === "/style.css" || q.url === "/dist/app.js") {
      a.setHeader("Content-Type", `${types[q.url.split(".").at(-1)]}; charset=utf-8`);
      createReadStream(file(`.${q.url}`)).pipe(a);
      return;
    }
    if (server.hub) return a.writeHead(404).end();
    if (server.cut) return a.destroy(); // a test takes the line away
    const on = request({ host: "127.0.0.1", port: hubPort, method: q.method, path: q.url, headers: q.headers }, (r) => {
      a.writeHead(r.statusCode, r.headers);
      r.pipe(a);
    });
    on.on("error", () => a.destroy());
    a.on("close", () => on.destroy());
    q.pipe(on);
  });
  await new Promise((done, fail) => server.on("error", fail).listen(port, "127.0.0.1", done));
  server.origin = `http://127.0.0.1:${server.address().port}`;
  return server;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const server = await serve(5173, 8080);
  server.hub = process.argv[2];
  console.log(server.hub ? `${server.origin}, which asks the hub ${server.hub}` : `${server.origin}, in front of a hub on port 8080`);
}
