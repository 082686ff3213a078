#include "service/reseal.hpp"

#include "base/told.hpp"
#include "queue/secrets.hpp"
#include "service/repositories.hpp"
#include "service/run_time_secrets.hpp"
#include "service/second_factor.hpp"

#include <fmt/format.h>

namespace persais::service {

using enum refusal::reason;

namespace {

/// What Persais made is sealed for its own name, what is of the settings for that of the setting.
std::string context_of_secret(std::string_view name, std::string_view) {
    return name.find_first_of("abcdefghijklmnopqrstuvwxyz") == name.npos ? setting_context(name) : std::string(name);
}

} // namespace

std::vector<sealed_kind> sealed_kinds() {
    return {{queue::sealed_secrets, context_of_secret},
            {queue::sealed_tokens, [](auto, auto) { return std::string(token_context); }},
            {queue::sealed_environments, [](auto remote, auto name) { return variable_context(remote, name); }},
            {queue::sealed_factors, [](auto person, auto) { return factor_context(person); }}};
}

awaitable<answer<master_keys>> begin_key_change(store::pool& db, const config::settings& settings, secret fresh) {
    auto keys = co_await read_master_keys(db, settings);
    if (!keys) co_return refuse(bad_setting, keys.error());
    if (keys->next) co_return *keys;
    if (fresh == keys->here)
        co_return refuse(
            bad_setting,
            told<"The new master key is the one that is in force.", "Новый мастер-ключ совпадает с действующим.">());
    bool mine =
        co_await queue::begin_key_change(db, {.next = seal(keys->here).shut(fresh, queue::next_master_key),
                                              .before = seal(fresh).shut(keys->here, queue::master_key_before)});
    auto now = co_await read_master_keys(db, settings);
    if (!now) co_return refuse(bad_setting, now.error());
    if (!now->next || (mine && !(*now->next == fresh)))
        co_return refuse(
            bad_setting,
            told<"A change of the master key is under way that this one does not open: "
                 "PERSAIS_MASTER_KEY is neither the old nor the new one.",
                 "Идёт смена мастер-ключа, которую этот ключ не открывает: PERSAIS_MASTER_KEY — не старый и "
                 "не новый ключ.">());
    co_return *now;
}

awaitable<resealed> reseal(store::pool& db, master_keys keys, std::vector<sealed_kind> kinds) {
    resealed all;
    const auto both = seal_of(keys);
    const seal fresh(*keys.next);
    for (const auto& kind : kinds)
        for (auto& value : co_await queue::read_sealed(db, kind.values)) {
            auto context = kind.context(value.one, value.other);
            if (fresh.open(value.sealed, context)) continue;
            auto plain = both.open(value.sealed, context);
            if (!plain) {
                all.closed.push_back(fmt::format("{}: {}", kind.values.what,
                                                 value.other.empty() ? value.one : value.one + " " + value.other));
                continue;
            }
            // One that somebody wrote meanwhile is sealed with the new key, or found by the next pass.
            auto sealed = fresh.shut(*plain, context);
            if (co_await queue::replace_sealed(db, kind.values, std::move(value), std::move(sealed))) ++all.done;
        }
    co_return all;
}

awaitable<answer<resealed>> end_key_change(store::pool& db, const config::settings& settings,
                                           std::vector<sealed_kind> kinds, std::string by) {
    auto keys = co_await read_master_keys(db, settings);
    if (!keys) co_return refuse(bad_setting, keys.error());
    if (!keys->next)
        co_return refuse(bad_setting, told<"No change of the master key is under way that this key knows of.",
                                           "Этот ключ не знает ни об одной начатой смене мастер-ключа.">());
    if (!keys->arrived())
        co_return refuse(
            bad_setting,
            told<"This command has the old master key still: put the new one into PERSAIS_MASTER_KEY of every "
                 "service first, then end the change.",
                 "У этой команды ещё старый мастер-ключ: сначала задайте новый в PERSAIS_MASTER_KEY всем "
                 "сервисам, затем завершите смену.">());
    auto last = co_await reseal(db, *keys, std::move(kinds));
    co_await queue::end_key_change(db, std::move(by));
    co_return last;
}

} // namespace persais::service
