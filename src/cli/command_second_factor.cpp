// `persais second-factor`: the authenticator app of whoever has this machine's terminal, and taking one back.
#include "base/totp.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/second_factor.hpp"
#include "cli/tongue.hpp"
#include "doctor/terminal.hpp"
#include "queue/tasks.hpp"
#include "service/master_seal.hpp"
#include "service/second_factor.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr auto word = "second-factor";

awaitable<int> set_up(std::string code, app::database& db, const config::settings& settings) { // on_tasks() owns both
    const std::string me(queue::terminal);
    auto sealing = co_await service::master_seal(db.pool(), settings);
    if (!sealing) co_return say(word, in_tongue(sealing.error()), 3);
    system_clock time;
    service::second_factors factors(db.pool(), *sealing, time);
    if (code.empty()) {
        auto made = co_await factors.begin(me);
        if (!made) co_return say(word, in_tongue(made.error().sentence));
        fmt::print("{}", said<"For the authenticator app, shown this once:\n\n  {}\n\nor typed: {}\n\n",
                              "Для аутентификатора, показывается один раз:\n\n  {}\n\nили вручную: {}\n\n">(
                             totp::url_of(*made, "Persais", me).reveal(), totp::as_typed(*made).reveal()));
        std::fflush(stdout);
        if (!doctor::terminal::present()) {
            fmt::print("{}",
                       said<"It counts once a code of it came: persais second-factor set-up --code 123456\n",
                            "Он заработает, когда придёт его код: persais second-factor set-up --code 123456\n">());
            co_return 0;
        }
    } else if (co_await factors.of(me) != queue::factor_state::given) {
        co_return say(word, said<"There is none that waits for its first code: begin without --code.",
                                 "Нет такого, который ждёт первого кода: начните без --code.">());
    }
    if (auto wrong = co_await prove_here(word, std::move(code), db.pool(), settings)) co_return *wrong;
    fmt::print("{}", said<"The authenticator app is set up.\n", "Аутентификатор настроен.\n">());
    co_return 0;
}

awaitable<int> reset(std::string person, app::database& db, const config::settings& settings) {
    auto sealing = co_await service::master_seal(db.pool(), settings);
    if (!sealing) co_return say(word, in_tongue(sealing.error()), 3);
    system_clock time;
    auto done = co_await service::second_factors(db.pool(), *sealing, time).reset(person, std::string(queue::terminal));
    if (!done) co_return say(word, in_tongue(done.error().sentence));
    fmt::print("{}", said<"The authenticator app of {} counts no more.\n", "Аутентификатор {} больше не действует.\n">(
                         person));
    co_return 0;
}

/// The number of a person, or `terminal`.
CLI::Validator person_or_terminal() {
    return CLI::Validator(
        [](std::string& text) -> std::string {
            bool digits = !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == text.npos;
            if (digits || text == queue::terminal) return {};
            return said<"'{}' is no person's number, nor terminal", "«{}» — не номер человека и не terminal">(text);
        },
        "");
}

} // namespace

void add_second_factor(CLI::App& app, int& exit_code) {
    auto* command = app.add_subcommand(
        word, said<"the authenticator app for deploys and rollbacks from this terminal (DEPLOY_SECOND_FACTOR)",
                   "аутентификатор для выкладки и отката из этого терминала (DEPLOY_SECOND_FACTOR)">());
    command->require_subcommand(1);
    auto code = std::make_shared<std::string>();
    auto* begin = command->add_subcommand("set-up", said<"show a secret for the app, and ask for its first code",
                                                         "показать секрет для приложения и спросить первый код">());
    begin->add_option("--code", *code, said<"the first code", "первый код">());
    begin->callback([code, &exit_code] {
        exit_code = on_tasks({.word = word,
                              .why = app::database_options::purpose::changing,
                              .work = [code](app::database& db, const config::settings& settings) {
                                  return set_up(*code, db, settings);
                              }});
    });
    auto person = std::make_shared<std::string>();
    auto* back = command->add_subcommand("reset", said<"take somebody's back, who lost it; they can set up another one",
                                                       "сбросить чей-то потерянный; можно будет настроить другой">());
    back->add_option("person", *person, said<"their number, or `terminal`", "номер человека или `terminal`">())
        ->required()
        ->check(person_or_terminal());
    back->callback([person, &exit_code] {
        exit_code = on_tasks({.word = word,
                              .why = app::database_options::purpose::changing,
                              .work = [person](app::database& db, const config::settings& settings) {
                                  return reset(*person, db, settings);
                              }});
    });
}

} // namespace persais::cli
