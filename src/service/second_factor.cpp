#include "service/second_factor.hpp"

#include "base/told.hpp"
#include "base/totp.hpp"
#include "queue/limits.hpp"

#include <chrono>

namespace persais::service {

using enum refusal::reason;

/// One person's secret is nobody else's.
std::string factor_context(std::string_view person) {
    return "second_factor:" + std::string(person);
}

awaitable<answer<secret>> second_factors::begin(std::string person) {
    auto made = totp::new_secret();
    if (!co_await queue::begin_factor(db_, person, seal_.shut(made, factor_context(person))))
        co_return refuse(factor_there, told<"An authenticator app is set up already. Somebody at a terminal of the "
                                            "service can take it back: persais second-factor reset {}.",
                                            "Аутентификатор уже настроен. Сбросить его можно в терминале сервиса: "
                                            "persais second-factor reset {}.">(person));
    co_return made;
}

awaitable<answer<void>> second_factors::prove(std::string person, secret code) {
    auto state = co_await of(person);
    if (state == queue::factor_state::none)
        co_return refuse(no_factor, told<"No authenticator app is set up.", "Аутентификатор не настроен.">());
    auto tried = co_await queue::try_factor(db_, person);
    if (!tried)
        co_return refuse(factor_pause, told<"Too many wrong codes: none is looked at for {} minutes.",
                                            "Слишком много неверных кодов: {} мин. они не принимаются.">(
                                           std::chrono::minutes(limits::factor_pause).count()));
    auto known = seal_.open(tried->sealed, factor_context(person));
    if (!known)
        co_return refuse(no_factor, told<"What was stored of the authenticator app cannot be opened with this "
                                         "machine's PERSAIS_MASTER_KEY: take it back and set it up again.",
                                         "То, что сохранено об аутентификаторе, не открывается ключом "
                                         "PERSAIS_MASTER_KEY этой машины: сбросьте его и настройте заново.">());
    auto step = totp::step_of(*known, code, time_.now());
    if (step && co_await queue::accept_factor(db_, person, tried->sealed, *step)) co_return answer<void>{};
    co_await queue::note_wrong_code(db_, person);
    if (step)
        co_return refuse(wrong_code, told<"That code was used already: wait for the next one.",
                                          "Этот код уже использован: подождите следующего.">());
    co_return refuse(wrong_code, told<"That code is wrong. The clocks of this machine and of the app have to agree.",
                                      "Код неверен. Часы этой машины и приложения должны совпадать.">());
}

awaitable<answer<void>> second_factors::reset(std::string person, std::string by) {
    if (co_await queue::reset_factor(db_, person, std::move(by))) co_return answer<void>{};
    co_return refuse(no_factor,
                     told<"{} has no authenticator app set up.", "У {} аутентификатор не настроен.">(person));
}

} // namespace persais::service
