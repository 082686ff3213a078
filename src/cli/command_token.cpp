// `persais token`: with what people and their programs use the HTTP API.
#include "base/encoding.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/token_words.hpp"
#include "cli/tongue.hpp"
#include "config/values.hpp"
#include "service/api_tokens.hpp"

#include <limits>
#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>

namespace persais::cli {

namespace {

constexpr auto word = "token";

struct token_request {
    std::string name, expires;
    std::vector<std::string> scopes;
    std::optional<std::int64_t> person;
    std::int64_t id = 0;
    bool json = false;
};

awaitable<int> add(const token_request& what, app::database& db, const config::settings& settings) {
    std::optional<std::chrono::seconds> valid;
    if (!what.expires.empty()) {
        auto read = config::parse_duration(what.expires);
        if (!read) co_return say(word, in_tongue(read.error()));
        valid = std::chrono::duration_cast<std::chrono::seconds>(*read);
    }
    auto made = co_await service::make_api_token(db.pool(), settings,
                                                 {.name = what.name,
                                                  .scopes = what.scopes,
                                                  .person = what.person,
                                                  .valid = valid,
                                                  .by = std::string(queue::terminal)});
    if (!made) co_return say(word, in_tongue(made.error().sentence));
    if (what.json)
        put(stdout, json_line({{"event", "token_made"}, {"id", made->id}, {"token", made->token.reveal()}}));
    else
        put(stdout, made->token.reveal() + "\n");
    put(stderr, said<"Token {}; it is shown this once.\n", "Токен {}; больше он не будет показан.\n">(made->id));
    co_return 0;
}

awaitable<int> list(const token_request& what, app::database& db, const config::settings&) {
    auto all = co_await queue::api_tokens(db.pool());
    if (what.json) {
        for (const auto& each : all)
            if (!put(stdout, json_line(token_json(each)))) break;
    } else {
        system_clock time;
        put(stdout, token_words(all, time.now()));
    }
    co_return 0;
}

awaitable<int> revoke(const token_request& what, app::database& db, const config::settings&) {
    if (!co_await queue::revoke_api_token(db.pool(), what.id, std::string(queue::terminal)))
        co_return say(word, told<"There is no token {} that is valid: `persais token list` has all.",
                                 "Действующего токена {} нет: все показывает `persais token list`.">(what.id));
    put(stdout, said<"Token {} is revoked: nothing is answered to it any more.\n",
                     "Токен {} отозван: на него больше ничего не отвечается.\n">(what.id));
    co_return 0;
}

using work = awaitable<int> (*)(const token_request&, app::database&, const config::settings&);

void runs(CLI::App* command, const std::shared_ptr<token_request>& what, work how, int& exit_code,
          app::database_options::purpose why) {
    command->callback([what, how, why, &exit_code] {
        exit_code =
            on_tasks({.word = word, .why = why, .work = [what, how](app::database& db, const config::settings& s) {
                          return how(*what, db, s);
                      }});
    });
}

} // namespace

void add_token(CLI::App& app, int& exit_code) {
    using enum app::database_options::purpose;
    auto what = std::make_shared<token_request>();
    auto* command = app.add_subcommand(
        word, said<"tokens of the HTTP API: made, listed, revoked", "токены HTTP API: создать, показать, отозвать">());
    command->require_subcommand(1);
    auto* made = command->add_subcommand("add", said<"make one; it is shown once", "создать; показывается один раз">());
    made->add_option("name", what->name, said<"what it is for", "для чего он">())->required();
    made->add_option("--scope", what->scopes,
                     said<"what it is good for, with commas between", "что по нему можно, через запятую">())
        ->required()
        ->delimiter(',')
        ->check(choice_of({"read", "submit", "deploy", "admin"}));
    made->add_option("--expires", what->expires,
                     said<"after this time, as 90d or 12h (default: never)",
                          "через это время: 90d или 12h (по умолчанию никогда)">());
    made->add_option("--person", what->person,
                     said<"as whom it acts: their number in Telegram (default: as this terminal)",
                          "от чьего имени: номер в Telegram (по умолчанию от имени этого терминала)">())
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
    made->add_flag("--json", what->json, said<"one JSON object", "один объект JSON">());
    runs(made, what, add, exit_code, making);

    auto* shown =
        command->add_subcommand("list", said<"all of them, without what they say", "все, но не сами токены">());
    shown->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    runs(shown, what, list, exit_code, reading);

    auto* gone = command->add_subcommand("revoke", said<"it is good for nothing any more", "больше не действует">());
    gone->add_option("id", what->id, said<"its number", "его номер">())
        ->required()
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
    runs(gone, what, revoke, exit_code, changing);
}

} // namespace persais::cli
