#include "cli/secret.hpp"

#include "app/doorbell.hpp"
#include "base/text.hpp"
#include "cli/given_secret.hpp"
#include "cli/on_tasks.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "i18n/format.hpp"
#include "queue/tasks.hpp"
#include "service/master_seal.hpp"
#include "service/run_time_secrets.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view word = "secret";
using from = config::origin::from;

config::reading read_with(const config::secrets_by_name& run_time) {
    return config::read(config::process_environment(), fs::current_path(), run_time);
}

const config::origin& origin_in(const config::reading& all, std::string_view name) {
    auto row = std::ranges::find(config::table(), name, &config::row::name);
    return all.origins.at(static_cast<std::size_t>(row - config::table().begin()));
}

/// What the doctor can try of a secret; nullopt: nothing.
std::optional<doctor::aspect> aspect_of(std::string_view name) {
    if (name == "OPENROUTER_API_KEY") return doctor::aspect::model_key;
    if (name == "TELEGRAM_BOT_TOKEN") return doctor::aspect::telegram;
    if (name == "GIT_ACCESS_TOKEN" || name == "GIT_SSH_KEY" || name == "GITHUB_APP_KEY") return doctor::aspect::remote;
    return std::nullopt;
}

/// Asks those that the secret is for. Empty: they take it, or nobody can be asked; else why not.
awaitable<std::string> try_secret(secret_request& what, const config::settings& candidate) {
    auto aspect = aspect_of(what.name);
    if (!aspect) co_return "";
    std::error_code ec;
    what.visit = std::make_shared<doctor::visit>(co_await asio::this_coro::executor, candidate,
                                                 fs::read_symlink("/proc/self/exe", ec).parent_path());
    for (const auto& found : co_await doctor::examine(what.visit->of, *aspect))
        if (found.how == doctor::grade::fail) co_return found.sentence;
    co_return "";
}

/// After it is stored: what else the person should know.
void say_more(const std::string& name, const config::origin& otherwise) {
    if (otherwise.where != from::standard && otherwise.where != from::run_time)
        put(stdout, said<"It comes before the one of {}, which stays as it is.\n",
                         "Он главнее, чем {}; тот остаётся как есть.\n">(in_tongue(otherwise.words())));
    if (name == "BACKUP_KEY")
        put(stdout, said<"Keep a copy elsewhere: a restore on a new machine needs it as BACKUP_KEY, and backups made "
                         "until now need the key before it.\n",
                         "Храните копию в другом месте: при восстановлении на новой машине она нужна как BACKUP_KEY, а "
                         "прежним копиям нужен прежний ключ.\n">());
    if (name == "BACKUP_URL")
        put(stdout, said<"Keep a copy elsewhere: a restore on a new machine needs it.\n",
                         "Храните копию в другом месте: она нужна при восстановлении на новой машине.\n">());
}

std::string set_words(const service::run_time_secrets& set, const std::string& name) {
    auto row = std::ranges::find(set.rows, name, &queue::secret_of_setting::name);
    if (row == set.rows.end()) return {};
    auto age = std::chrono::duration_cast<std::chrono::seconds>(system_clock().now() - row->set_at);
    auto when = i18n::ago(tongue(), std::max(age, std::chrono::seconds(0)));
    if (std::ranges::find(set.closed, name) != set.closed.end())
        return said<"set at run time {}, but it cannot be opened: PERSAIS_MASTER_KEY is another one",
                    "задан во время работы ({}), но не открывается: PERSAIS_MASTER_KEY теперь другой">(when);
    return said<"set at run time, {}", "задан во время работы, {}">(when);
}

std::string_view source_word(from where) {
    switch (where) {
    case from::standard:
        return "default";
    case from::environment:
        return "environment";
    case from::env_file:
        return "env_file";
    case from::secret_file:
        return "secret_file";
    case from::run_time:
        return "run_time";
    }
    return "";
}

int print_list(const secret_request& what, const service::run_time_secrets& set) {
    auto all = read_with(set.values);
    for (std::size_t i = 0; i < all.origins.size(); ++i) {
        const auto& row = config::table()[i];
        if (!config::is_secret(row)) continue;
        std::string name(row.name);
        const auto& origin = all.origins[i];
        auto stored = std::ranges::find(set.rows, name, &queue::secret_of_setting::name);
        if (what.json) {
            put(stdout,
                json_line(boost::json::object{{"event", "secret"},
                                              {"name", name},
                                              {"source", source_word(origin.where)},
                                              {"set_at", stored == set.rows.end() ? "" : stamp(stored->set_at)},
                                              {"opens", std::ranges::find(set.closed, name) == set.closed.end()}}));
            continue;
        }
        auto words = set_words(set, name);
        if (origin.where != from::run_time && origin.where != from::standard)
            words += (words.empty() ? "" : "; ") + in_tongue(origin.words());
        put(stdout, fmt::format("{:<24} {}\n", name, words.empty() ? said<"not set", "не задан">() : words));
    }
    return 0;
}

} // namespace

awaitable<int> secret_set(secret_request& what, app::database& db, const config::settings& settings) {
    if (auto may = service::run_time_secret(what.name); !may) co_return say(word, may.error().sentence);
    auto value = given_secret(word, what.from_stdin ? "-" : "", said<"{}: ", "{}: ">(what.name));
    if (!value) co_return value.error();
    if (auto may = service::takes_value(what.name, *value); !may) co_return say(word, may.error().sentence);
    auto with = (co_await service::read_run_time_secrets(db.pool(), settings)).values;
    with.insert_or_assign(what.name, *value);
    auto candidate = read_with(with);
    if (!candidate.made) co_return say(word, candidate.made.error().front());
    if (!what.untried)
        if (auto why = co_await try_secret(what, *candidate.made); !why.empty())
            co_return say(
                word,
                told<"{} stays as it was, because the new one was tried: {} (--untried stores it all the same)",
                     "{} остаётся прежним, потому что новый проверен: {} (--untried сохранит его всё равно)">(what.name,
                                                                                                              why),
                1);
    auto sealing = co_await service::master_seal(db.pool(), settings);
    if (!sealing) co_return say(word, in_tongue(sealing.error()), 3);
    auto statement = service::set_run_time_secret(what.name, *value, *sealing, std::string(queue::terminal));
    if (!statement) co_return say(word, statement.error().sentence);
    co_await db.pool().query(std::move(statement->sql), std::move(statement->params));
    app::ring(settings.data);
    put(stdout, said<"{} is set, sealed: every service uses it within seconds.\n",
                     "{} сохранён в зашифрованном виде: все сервисы возьмут его за секунды.\n">(what.name));
    say_more(what.name, origin_in(read_with({}), what.name));
    co_return 0;
}

awaitable<int> secret_unset(const secret_request& what, app::database& db, const config::settings& settings) {
    auto statement = service::unset_run_time_secret(what.name, std::string(queue::terminal));
    if (!statement) co_return say(word, statement.error().sentence);
    auto r = co_await db.pool().query(std::move(statement->sql), std::move(statement->params));
    if (r.affected() == 0)
        co_return say(word, told<"{} is not set at run time.", "{} во время работы не задавался.">(what.name));
    app::ring(settings.data);
    auto otherwise = origin_in(read_with({}), what.name);
    put(stdout, otherwise.where == from::standard
                    ? said<"{} is not set any more.\n", "{} больше не задан.\n">(what.name)
                    : said<"{} is not set at run time any more; this counts again: {}.\n",
                           "{} больше не задан во время работы; снова считается: {}.\n">(what.name,
                                                                                         in_tongue(otherwise.words())));
    co_return 0;
}

awaitable<int> secret_list(const secret_request& what, app::database& db, const config::settings& settings) {
    co_return print_list(what, co_await service::read_run_time_secrets(db.pool(), settings));
}

int secret_list_without_database(const secret_request& what) {
    return print_list(what, {});
}

} // namespace persais::cli
