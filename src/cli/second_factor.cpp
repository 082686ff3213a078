#include "cli/second_factor.hpp"

#include "cli/on_tasks.hpp"
#include "cli/tongue.hpp"
#include "doctor/terminal.hpp"
#include "queue/tasks.hpp"
#include "service/master_seal.hpp"
#include "service/second_factor.hpp"

namespace persais::cli {

awaitable<std::optional<int>> prove_here(const char* word, std::string given, store::pool& db,
                                         const config::settings& settings) {
    if (given.empty() && !doctor::terminal::present())
        co_return say(word, said<"A code of the authenticator app is needed: --code 123456.",
                                 "Нужен код из аутентификатора: --code 123456.">());
    if (given.empty()) {
        doctor::terminal person;
        auto typed = person.ask(said<"Code of the authenticator app: ", "Код из аутентификатора: ">(), true);
        if (!typed) co_return 130;
        given = *typed;
    }
    auto sealing = co_await service::master_seal(db, settings);
    if (!sealing) co_return say(word, in_tongue(sealing.error()), 3);
    system_clock time;
    auto right =
        co_await service::second_factors(db, *sealing, time).prove(std::string(queue::terminal), secret(given));
    if (!right) co_return say(word, in_tongue(right.error().sentence));
    co_return std::nullopt;
}

} // namespace persais::cli
