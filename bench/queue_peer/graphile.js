// What bench/queue runs of graphile-worker: the roles of queue_load.cpp, with tasks that end at once. One line of JSON each.
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [url, role, ...words] = process.argv.slice(2);
const logger = new Logger(() => () => {});
const number = (i) => Number(words[i]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const payload = (i) => ({ remote: `https://git.example/team/repository-${i}.git`, text: "The login test fails when the clock passes midnight: please look why it is negative then." });
const print = (all) => console.log(JSON.stringify(all));

/** A runner whose jobs say when they began; `ended` resolves after so many. */
async function working(tasks, slots) {
  const started = [];
  let over;
  const ended = new Promise((done) => { over = done; });
  const runner = await run({
    connectionString: url, concurrency: slots, maxPoolSize: slots + 2, noHandleSignals: true, logger,
    taskList: { ends_at_once: async (_, helpers) => {
      started.push([Number(helpers.job.id), Number(process.hrtime.bigint())]);
      if (started.length === tasks) setImmediate(over);
    } },
  });
  return { runner, started, ended };
}

async function add(utils, tasks, repositories) {
  let next = 0;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (next < tasks) await utils.addJob("ends_at_once", payload(next++ % repositories));
  }));
}

async function addSlowly(utils, tasks, gap) {
  const accepted = [];
  for (let i = 0; i < tasks; ++i) {
    const job = await utils.addJob("ends_at_once", payload(i % 10));
    accepted.push([Number(job.id), Number(process.hrtime.bigint())]);
    await pause(gap);
  }
  return accepted;
}

async function timed(tasks, body) {
  const began = process.hrtime.bigint(), before = process.cpuUsage();
  await body();
  const used = process.cpuUsage(before);
  return { tasks, seconds: Number(process.hrtime.bigint() - began) / 1e9, cpu_ms: (used.user + used.system) / 1000 / tasks };
}

if (role === "drain" || role === "worker") {
  let started;
  const took = await timed(number(0), async () => {
    const here = await working(number(0), number(1));
    started = here.started;
    if (role === "worker") { await pause(500); console.log("ready"); }
    await here.ended;
    await here.runner.stop();
  });
  print({ ...took, ...(role === "worker" ? { started } : {}) });
} else {
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  if (role === "migrate") await utils.migrate();
  if (role === "add") print(await timed(number(0), () => add(utils, number(0), number(1))));
  if (role === "paced") print({ accepted: await addSlowly(utils, number(0), number(1)) });
  if (role === "both") {
    const here = await working(number(0), number(1));
    await pause(500);
    const accepted = await addSlowly(utils, number(0), number(2));
    await here.ended;
    await here.runner.stop();
    print({ accepted, started: here.started });
  }
  await utils.release();
}
