// Fastify with group commit: what arrives while one COMMIT is under way goes into the next, all of it in one statement.
import Fastify from "fastify";
import pg from "pg";

const { PGHOST, PGDATABASE, PORT, SECRET, FLUSHES = "2" } = process.env;
const pool = new pg.Pool({ host: PGHOST, user: "persais", database: PGDATABASE, max: Number(FLUSHES) });
const KEEP = { name: "keep", text: `insert into fastify_updates (update_id, body)
  select * from unnest($1::bigint[], $2::jsonb[]) on conflict do nothing` };
const app = Fastify({ logger: false });
let waiting = [];
let flushing = 0;

function flush() {
  while (waiting.length && flushing < Number(FLUSHES)) {
    const batch = waiting;
    waiting = [];
    flushing++;
    pool.query({ ...KEEP, values: [batch.map((one) => one.number), batch.map((one) => one.body)] })
      .then(() => batch.forEach((one) => one.done()), (error) => batch.forEach((one) => one.failed(error)))
      .finally(() => { flushing--; flush(); });
  }
}

// The text is kept beside what is parsed of it, so that it need not be made again.
app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
  try {
    done(null, { number: JSON.parse(body).update_id, body });
  } catch (error) {
    done(error);
  }
});
app.post("/telegram/webhook", async (request, reply) => {
  if (request.headers["x-telegram-bot-api-secret-token"] !== SECRET) {
    return reply.code(401).send();
  }
  await new Promise((done, failed) => {
    waiting.push({ ...request.body, done, failed });
    setImmediate(flush); // after what else has arrived in this turn of the loop
  });
  return reply.code(200).send();
});
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
console.log("listening");
