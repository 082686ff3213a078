#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/temp_dir.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "doctor/agent.hpp"
#include "doctor/installation.hpp"
#include "doctor/limits.hpp"
#include "git/command.hpp"
#include "llm/gateway.hpp"
#include "sandbox/limits.hpp"
#include "store/migrate.hpp"

#include <fstream>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace fs = std::filesystem;

namespace {

constexpr task_id no_task{0}; // the numbers of real tasks begin at 1
constexpr double answer_usd = limits::doctor_answer_cents / 100.0;
constexpr auto question = "Reply with the word ready.";

/// The database that counts the call: an existing one, else a temporary server.
struct books {
    secret url;
    std::unique_ptr<pgserver::embedded> server; // released by the function that opened it
};

awaitable<result<books>> open_books(const subject& of, const database_seen& seen, fs::path scratch) {
    if (seen.has_ledger) co_return books{seen.url, nullptr};
    auto binaries = config::find_beside(of.settings, of.exe_folder, "postgres");
    if (!binaries)
        co_return fail(told<"there is no database with Persais' schema to count the call in",
                            "нет базы данных со схемой Persais, чтобы учесть запрос">());
    auto server = co_await pgserver::embedded::start(std::move(scratch), *binaries);
    if (!server) co_return std::unexpected(server.error());
    secret url((*server)->url());
    co_return books{std::move(url), std::move(*server)};
}

/// A work tree with one file, and a home folder, both for the sandbox.
awaitable<result<sandbox::view>> make_place(const fs::path& root, const sandbox::backend& confine) {
    sandbox::view place{.tree = root / "tree",
                        .home = root / "home",
                        .gateway = root / "gateway.sock",
                        .read_only_tree = true,
                        .slot = limits::sandbox_slots - 1};
    fs::create_directories(place.home);
    fs::permissions(root, fs::perms(0711)); // without a sandbox the task's own user has to pass through it
    auto made =
        co_await git::run({.arguments = {"init", "--quiet", "--template=", "--", place.tree.string()}}, place.home);
    if (!made.ok())
        co_return fail(
            told<"git could not make a repository to ask in", "git не смог создать репозиторий для вопроса">());
    std::ofstream(place.tree / "README.md") << "An empty project.\n";
    confine.hand_over(place.tree, place.slot);
    confine.hand_over(place.home, place.slot);
    co_return place;
}

/// The call's result, and its cost as the gateway counted it.
struct asked {
    coder::report said;
    llm::last_failure why;
    llm::spent cost;
};

awaitable<asked> ask_through(subject& of, store::pool& db, const clock& time, const sandbox::backend& confine,
                             sandbox::view place, coder::aider_installation installed) {
    const auto& s = of.settings;
    llm::gateway gate(co_await asio::this_coro::executor, db, time,
                      {.base_url = s.openrouter_base_url,
                       .key = s.openrouter_api_key,
                       .provider_json = s.openrouter_provider,
                       .ca_file = s.ssl_cert_file,
                       .price_prompt = s.model_price_prompt,
                       .price_completion = s.model_price_completion});
    asked all;
    auto listening = gate.listen(place.gateway);
    if (!listening) {
        all.said.reason = listening.error();
        co_return all;
    }
    const auto before = co_await gate.spent_by(no_task); // by earlier questions
    auto token = gate.begin({.task = no_task,
                             .model = s.aider_model,
                             .task_budget_usd = before.cost_usd + answer_usd,
                             .day_budget_usd = s.budget_day_usd,
                             .deadline = limits::doctor_answer,
                             .month_budget_usd = s.budget_month_usd});
    auto facts = co_await gate.facts(s.aider_model);
    coder::aider agent(confine, std::move(installed), [] { return coder::aider_options{}; });
    coder::job job{.what = coder::job::mode::ask,
                   .place = std::move(place),
                   .instruction = question,
                   .model = {.name = s.aider_model,
                             .context_tokens = facts.context_tokens,
                             .max_output_tokens = limits::doctor_answer_tokens,
                             .price_prompt = facts.price_prompt,
                             .price_completion = facts.price_completion},
                   .gateway_token = token,
                   .limits = {.total = limits::doctor_answer, .idle = limits::doctor_answer, .last_sign = {}}};
    all.said = co_await agent.run(std::move(job), {});
    all.why = gate.failure_of(token);
    gate.end(token);
    all.cost = co_await gate.spent_by(no_task);
    all.cost.cost_usd -= before.cost_usd;
    all.cost.tokens_received -= before.tokens_received;
    gate.close();
    co_return all;
}

/// What to do after the endpoint refused, by the cause. The sentence is the endpoint's own.
std::string advice_for(llm::cause why) {
    using enum llm::cause;
    switch (why) {
    case key:
        return told<"Make a new key and set OPENROUTER_API_KEY.",
                    "Создайте новый ключ и задайте OPENROUTER_API_KEY.">();
    case credit:
        return told<"Add credit to the account, or raise the key's limit.",
                    "Пополните счёт или поднимите предел ключа.">();
    case policy:
        return told<
            "Look at the account's privacy and moderation settings, or name another model in AIDER_MODEL.",
            "Посмотрите настройки конфиденциальности и модерации счёта или укажите другую модель в AIDER_MODEL.">();
    case model:
    case context:
        return told<"Name another model in AIDER_MODEL.", "Укажите другую модель в AIDER_MODEL.">();
    case rate:
        return told<"Wait a little and run doctor again; a free model is often busy.",
                    "Подождите и запустите doctor ещё раз; бесплатная модель часто занята.">();
    default:
        return told<"Try again; if it stays look at OPENROUTER_BASE_URL and at the endpoint's own status page.",
                    "Попробуйте ещё раз; если не пройдёт, посмотрите на OPENROUTER_BASE_URL и на страницу состояния "
                    "поставщика.">();
    }
}

finding judge(const asked& all, const std::string& model, double seconds) {
    boost::json::object facts{{"cost_usd", all.cost.cost_usd}, {"seconds", seconds}};
    auto spent = fmt::format("{:.1f} s, ${:.4f}", seconds, all.cost.cost_usd);
    if (all.why.why == llm::cause::task_budget || all.why.why == llm::cause::day_budget)
        return warn(
            "answer",
            told<"Not asked: with {} the question could cost more than {}.",
                 "Не спрошено: с {} вопрос мог бы стоить больше, чем {}.">(
                model,
                all.why.why == llm::cause::task_budget
                    ? told<"the ${:.2f} that doctor spends at most", "${:.2f}, которые doctor тратит самое большее">(
                          answer_usd)
                    : told<"BUDGET_DAY_USD leaves today", "сегодня оставляет BUDGET_DAY_USD">()),
            told<"Give a first task to see it, or name a cheaper model in AIDER_MODEL.",
                 "Дайте первую задачу, чтобы это увидеть, или укажите в AIDER_MODEL модель подешевле.">(),
            std::move(facts));
    if (all.why.why != llm::cause::none)
        return failed("answer",
                      told<"The model did not answer aider: {}", "Модель не ответила aider: {}">(all.why.sentence),
                      advice_for(all.why.why), std::move(facts));
    // A reasoning model may use up its few tokens for that: it has answered all the same.
    if (all.said.how == coder::ending::model_failed && all.cost.tokens_received > 0)
        return ok("answer",
                  told<"aider asked {} through the gateway and got the beginning of an answer ({}).",
                       "aider спросил {} через шлюз и получил начало ответа ({}).">(model, spent),
                  std::move(facts));
    if (all.said.how != coder::ending::answered)
        return failed("answer", told<"aider did not answer: {}", "aider не ответил: {}">(all.said.reason),
                      told<"See the lines of sandbox and agent; LOG_LEVEL=debug says more.",
                           "Смотрите строки sandbox и agent; LOG_LEVEL=debug скажет больше.">(),
                      std::move(facts));
    auto answer = text::cut(text::trim(all.said.answer), limits::progress_text_bytes);
    facts["answer"] = answer;
    return ok("answer",
              told<"aider asked {} through the gateway and got an answer ({}).",
                   "aider спросил {} через шлюз и получил ответ ({}).">(model, spent),
              std::move(facts));
}

} // namespace

awaitable<finding> probe_answer(subject& of, const sandbox::backend& confine, const database_seen& seen) {
    const auto& s = of.settings;
    if (s.openrouter_api_key.empty())
        co_return skipped(
            "answer",
            told<"aider was asked nothing: there is no model key.", "aider не спрошен: нет ключа к модели.">());
    if (of.offline)
        co_return skipped("answer", told<"aider was asked nothing: offline.", "aider не спрошен: без сети.">());
    if (confine.level() == sandbox::isolation_level::refused)
        co_return skipped("answer", told<"aider was asked nothing: there is no sandbox for it.",
                                         "aider не спрошен: для него нет песочницы.">());
    auto agent = find_agent(of);
    if (!agent)
        co_return skipped(
            "answer", told<"aider was asked nothing: it is not installed.", "aider не спрошен: он не установлен.">());
    temp_dir folder;
    auto place = co_await make_place(folder.path() / "work", confine);
    if (!place)
        co_return failed("answer", place.error(),
                         told<"Look at the disk below /tmp.", "Посмотрите на диск под /tmp.">());
    auto count = co_await open_books(of, seen, folder.path() / "books");
    if (!count)
        co_return skipped("answer", told<"aider was asked nothing: {}.", "aider не спрошен: {}.">(count.error()),
                          "Run `persais migrate` or `persais serve` once.");
    // The gateway's coroutines may end later than this function.
    auto db =
        std::make_shared<store::pool>(co_await asio::this_coro::executor,
                                      store::pool_options{.url = count->url, .size = 2, .ca_file = s.ssl_cert_file});
    auto time = std::make_shared<system_clock>();
    of.until_dry.insert(of.until_dry.end(), {db, time});
    std::exception_ptr broken;
    std::optional<finding> found;
    auto start = std::chrono::steady_clock::now();
    try {
        if (count->server) co_await store::migrate(*db);
        auto all = co_await ask_through(of, *db, *time, confine, std::move(*place), std::move(*agent));
        found =
            judge(all, s.aider_model, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    } catch (...) {
        broken = std::current_exception();
    }
    db->close();
    if (count->server) {
        // After a deadline the server must still be stopped.
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await count->server->leave();
    }
    if (broken) std::rethrow_exception(broken);
    co_return std::move(*found);
}

} // namespace persais::doctor
