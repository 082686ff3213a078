#include "cli/repo.hpp"

#include "base/text.hpp"
#include "cli/given_secret.hpp"
#include "cli/on_tasks.hpp"
#include "cli/report.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "queue/tasks.hpp"
#include "service/master_seal.hpp"
#include "service/named_repositories.hpp"
#include "service/remotes.hpp"
#include "service/repositories.hpp"

#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::string_view word = "repo";
std::string me() {
    return std::string(queue::terminal);
}

awaitable<result<seal, int>> sealing_of(store::pool& db, const config::settings& settings) {
    auto sealing = co_await service::master_seal(db, settings);
    if (!sealing) co_return std::unexpected(say(word, in_tongue(sealing.error()), 3));
    co_return std::move(*sealing);
}

/// Carries the statement out. `done` is said; another process may have been first.
awaitable<int> carry_out(store::pool& db, service::answer<store::statement> what, std::string done) {
    if (!what) co_return say(word, what.error().sentence);
    auto r = co_await db.query(std::move(what->sql), std::move(what->params));
    if (r.affected() == 0)
        co_return say(
            word,
            said<"Somebody changed it just now: look again.", "Кто-то только что это изменил: посмотрите ещё раз.">());
    fmt::print("{}\n", done);
    co_return 0;
}

/// Reads and rehearses a push. nullopt: both go; else an exit code, and what was wrong is said.
awaitable<std::optional<int>> try_remote(std::string url, secret token, const config::settings& settings) {
    service::git_remotes remotes(settings, [](const auto&, const auto&) {});
    auto seen = co_await remotes.look_at(std::move(url), std::move(token));
    const auto& wrong = seen.cannot_read.empty() ? seen.cannot_push : seen.cannot_read;
    if (wrong.empty()) co_return std::nullopt;
    co_return say(word, wrong);
}

} // namespace

awaitable<int> repo_list(const repo_request& what, app::database& db, const config::settings& settings) {
    auto all = co_await queue::repositories_of(db.pool());
    for (const auto& one : all)
        put(stdout, what.json ? json_line(repository_json(one)) : repository_line(one));
    if (what.json || !all.empty()) co_return 0;
    put(stdout, settings.git_remote_url.empty()
                    ? said<"There are none: `persais repo add URL` adds one.\n",
                           "Их пока нет: добавить — `persais repo add URL`.\n">()
                    : said<"There are none beside GIT_REMOTE_URL: `persais repo add URL` adds one.\n",
                           "Кроме GIT_REMOTE_URL, их нет: добавить — `persais repo add URL`.\n">());
    co_return 0;
}

awaitable<int> repo_show(const repo_request& what, app::database& db, const config::settings&) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    put(stdout, what.json ? json_line(repository_json(*found)) : repository_card(*found));
    co_return 0;
}

awaitable<int> repo_add(const repo_request& what, app::database& db, const config::settings& settings) {
    if (auto ok = service::may_be_address(what.url); !ok) co_return say(word, ok.error().sentence);
    auto name = what.name.empty() ? service::usual_name(what.url) : what.name;
    if (!service::is_repository_name(name))
        co_return say(word,
                      said<"'{}' is no short name: --name gives one of letters, digits, . _ / and -.",
                           "«{}» не годится в короткие имена: задайте его в --name из латинских букв, цифр, . _ / "
                           "и -.">(text::printable(name)));
    queue::repository one{.name = name, .remote = what.url};
    auto filled = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    one.base_branch = filled(what.base);
    one.setup = filled(what.setup);
    one.check = filled(what.check);
    for (const auto& [key, value] :
         {std::pair("base", what.base), std::pair("setup", what.setup), std::pair("check", what.check)})
        if (!value.empty())
            if (auto ok = service::set_repository(one, key, value, me()); !ok) co_return say(word, ok.error().sentence);
    secret token;
    if (!what.file.empty()) {
        auto read = given_secret(word, what.file, "");
        if (!read) co_return read.error();
        token = std::move(*read);
        auto sealing = co_await sealing_of(db.pool(), settings);
        if (!sealing) co_return sealing.error();
        if (auto ok = service::give_token(one, token, *sealing, me()); !ok) co_return say(word, ok.error().sentence);
        one.sealed_token = sealing->shut(token, service::token_context);
    }
    auto other = co_await service::twin_of(db.pool(), settings, what.url);
    if (other && other->same) co_return say(word, service::twin_words(*other));
    if (auto wrong = co_await try_remote(what.url, token, settings)) co_return *wrong;
    if (other) say(word, service::twin_words(*other));
    try {
        co_return co_await carry_out(
            db.pool(), queue::add_repository(one, me()),
            said<"{} is added: it can be read and pushed to.", "{} добавлен: доступ на чтение и запись есть.">(name));
    } catch (const store::db_error& e) {
        if (e.sqlstate != "23505") throw;
    }
    co_return say(word, said<"{} is there already, or its address is, by another name.",
                             "{} уже есть, или уже есть его адрес под другим именем.">(name));
}

awaitable<int> repo_set(const repo_request& what, app::database& db, const config::settings&) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    co_return co_await carry_out(db.pool(), service::set_repository(*found, what.key, what.value, me()),
                                 said<"{}: {} is set.", "{}: {} задано.">(found->name, what.key));
}

awaitable<int> repo_unset(const repo_request& what, app::database& db, const config::settings&) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    co_return co_await carry_out(
        db.pool(), service::unset_repository(*found, what.key, me()),
        said<"{}: {} is not set any more.", "{}: {} больше не задано.">(found->name, what.key));
}

awaitable<int> repo_remove(const repo_request& what, app::database& db, const config::settings&) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    auto statement = co_await service::remove_repository(db.pool(), *found, me());
    co_return co_await carry_out(
        db.pool(), std::move(statement),
        said<"{} is removed, with its settings and secrets.", "{} убран вместе с настройками и секретами.">(
            found->name));
}

awaitable<int> repo_token(const repo_request& what, app::database& db, const config::settings& settings) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    if (what.back)
        co_return co_await carry_out(
            db.pool(), service::take_token(*found, me()),
            said<"{} has no token of its own any more.", "Своего токена у {} больше нет.">(found->name));
    auto token = given_secret(word, what.file, said<"Token: ", "Токен: ">());
    if (!token) co_return token.error();
    auto sealing = co_await sealing_of(db.pool(), settings);
    if (!sealing) co_return sealing.error();
    auto statement = service::give_token(*found, *token, *sealing, me());
    if (!statement) co_return say(word, statement.error().sentence);
    if (auto wrong = co_await try_remote(found->remote, *token, settings)) co_return *wrong;
    co_return co_await carry_out(db.pool(), std::move(statement),
                                 said<"The token of {} is stored, sealed: it may read and push.",
                                      "Токен {} сохранён в зашифрованном виде: чтение и запись есть.">(found->name));
}

awaitable<int> repo_env(const repo_request& what, app::database& db, const config::settings& settings) {
    auto found = co_await service::find_repository(db.pool(), what.name);
    if (!found) co_return say(word, found.error().sentence);
    if (what.value.empty()) {
        for (const auto& each : found->environment)
            put(stdout, each.name + "\n");
        co_return 0;
    }
    if (what.key.empty())
        co_return say(
            word,
            said<"Which variable? `persais repo env {} {} NAME`", "Какая переменная? `persais repo env {} {} ИМЯ`">(
                found->name, what.value));
    if (what.value == "unset")
        co_return co_await carry_out(db.pool(), service::unset_variable(*found, what.key, me()),
                                     said<"{}: {} is gone.", "{}: {} больше нет.">(found->name, what.key));
    if (auto may = service::may_be_variable(*found, what.key); !may) co_return say(word, may.error().sentence);
    auto value = given_secret(word, what.file, said<"Value of {}: ", "Значение {}: ">(what.key));
    if (!value) co_return value.error();
    auto sealing = co_await sealing_of(db.pool(), settings);
    if (!sealing) co_return sealing.error();
    auto code = co_await carry_out(
        db.pool(), service::set_variable(*found, what.key, *value, *sealing, me()),
        said<"{}: {} is stored, sealed.", "{}: {} сохранено в зашифрованном виде.">(found->name, what.key));
    if (code == 0 && found->environment_for == queue::reaches::nobody)
        put(stdout, said<"It reaches nobody yet: `persais repo set {} env_for setup`, or checks.\n",
                         "Пока оно никому не видно: `persais repo set {} env_for setup` или checks.\n">(found->name));
    co_return code;
}

} // namespace persais::cli
