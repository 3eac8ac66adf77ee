// Serves the page, and hands what is for the hub on to it, so that both have one origin.
import { createReadStream } from "node:fs";
import { createServer, request } from "node:http";

const types = { html: "text/html", css: "text/css", js: "text/javascript" };

/** Serves on a port of this machine, in front of the hub on another. */
export function serve(port, hubPort) {
  const server = createServer((q, a) => {
    if (q.url === "/" || q.url === "/style.css" || q.url === "/dist/app.js") {
      const path = q.url === "/" ? "/index.html" : q.url;
      a.setHeader("Content-Type", `${types[path.split(".").at(-1)]}; charset=utf-8`);
      createReadStream(new URL(`.${path}`, import.meta.url)).pipe(a);
      return;
    }
    if (server.cut) return a.destroy(); // a test takes the line away
    const on = request({ host: "127.0.0.1", port: hubPort, method: q.method, path: q.url, headers: q.headers }, (r) => {
      a.writeHead(r.statusCode, r.headers);
      r.pipe(a);
    });
    on.on("error", () => a.destroy());
    a.on("close", () => on.destroy());
    q.pipe(on);
  });
  return new Promise((done) => server.listen(port, "127.0.0.1", () => done(server)));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await serve(5173, 8080);
  console.log("http://127.0.0.1:5173, in front of a hub on port 8080");
}
