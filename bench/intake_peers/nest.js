// NestJS with grammY: each update is inserted, and committed, before webhookCallback answers 200.
import "reflect-metadata";
import { Controller, HttpCode, Module, Post, Req, Res } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { Bot, webhookCallback } from "grammy";
import pg from "pg";

const { PGHOST, PGDATABASE, PORT, SECRET, POOL = "32" } = process.env;
const pool = new pg.Pool({ host: PGHOST, user: "persais", database: PGDATABASE, max: Number(POOL) });
const bot = new Bot("4242:bench", {
  botInfo: { id: 4242, is_bot: true, first_name: "Bench", username: "bench_bot", can_join_groups: true, can_read_all_group_messages: false,
             supports_inline_queries: false, can_connect_to_business: false, has_main_web_app: false },
});
bot.use(async (context) => {
  await pool.query({ name: "keep", text: "insert into nest_updates (update_id, body) values ($1, $2) on conflict do nothing",
                     values: [context.update.update_id, JSON.stringify(context.update)] });
});
const answer = webhookCallback(bot, "express", { secretToken: SECRET });

class Telegram {
  receive(request, response) {
    return answer(request, response);
  }
}
Controller("telegram")(Telegram);
Post("webhook")(Telegram.prototype, "receive", Object.getOwnPropertyDescriptor(Telegram.prototype, "receive"));
HttpCode(200)(Telegram.prototype, "receive", Object.getOwnPropertyDescriptor(Telegram.prototype, "receive"));
Req()(Telegram.prototype, "receive", 0);
Res()(Telegram.prototype, "receive", 1);
class App {}
Module({ controllers: [Telegram] })(App);

const app = await NestFactory.create(App, { logger: ["error", "warn"] });
await app.listen(Number(PORT), "127.0.0.1");
console.log("listening");
