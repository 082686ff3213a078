#include "service/run_time_secrets.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "service/master_seal.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::service {

using enum refusal::reason;

namespace {

/// What the database itself is found and read with.
bool opens_the_database(std::string_view name) {
    return name == "DATABASE_URL" || name == "DIRECT_URL";
}

} // namespace

std::string setting_context(std::string_view name) {
    return fmt::format("setting {}", name);
}

std::vector<std::string> run_time_secrets::trouble() const {
    std::vector<std::string> all;
    for (const auto& name : closed)
        all.push_back(
            told<"{} that was set at run time cannot be opened, because PERSAIS_MASTER_KEY is another one: set "
                 "it again with `persais secret set {}`.",
                 "{}, заданный во время работы, не открыть: PERSAIS_MASTER_KEY теперь другой. Задайте его "
                 "заново: `persais secret set {}`.">(name, name));
    return all;
}

awaitable<run_time_secrets> read_run_time_secrets(store::pool& db, const config::settings& settings) {
    run_time_secrets all{.rows = co_await queue::secrets_of_settings(db)};
    if (all.rows.empty()) co_return all;
    auto sealing = co_await master_seal(db, settings);
    for (const auto& row : all.rows) {
        auto plain = sealing ? sealing->open(row.sealed, setting_context(row.name)) : std::nullopt;
        if (plain)
            all.values.emplace(row.name, std::move(*plain));
        else
            all.closed.push_back(row.name);
    }
    co_return all;
}

answer<const config::row*> run_time_secret(std::string_view name) {
    for (const auto& each : config::table()) {
        if (each.name != name) continue;
        if (!config::is_secret(each))
            return refuse(bad_setting, told<"{} is no secret: set it in the environment or in .env.",
                                            "{} — не секрет: задайте его в окружении или в .env.">(name));
        if (name == "PERSAIS_MASTER_KEY")
            return refuse(bad_setting,
                          told<"PERSAIS_MASTER_KEY opens what is stored in the database, so it cannot be stored there: "
                               "`persais secret reseal` changes it.",
                               "PERSAIS_MASTER_KEY открывает то, что хранится в базе данных, поэтому хранить его там "
                               "нельзя; сменить его: `persais secret reseal`.">());
        if (opens_the_database(name))
            return refuse(
                bad_setting,
                told<"{0} is needed to read the database at all, so it cannot be stored there: put the new one "
                     "into the file that {0}_FILE names, which is read without a restart.",
                     "{0} нужен, чтобы вообще прочитать базу данных, поэтому хранить его там нельзя: запишите "
                     "новый в файл из {0}_FILE, он будет прочитан без перезапуска.">(name));
        return &each;
    }
    auto meant = text::did_you_mean(std::string(name), names_of_run_time_secrets());
    return refuse(bad_setting, told<"There is no secret {}{}", "Секрета {} нет{}">(
                                   text::first_characters(text::printable(name), 40), meant));
}

std::vector<std::string> names_of_run_time_secrets() {
    std::vector<std::string> all;
    for (const auto& each : config::table())
        if (config::is_secret(each) && each.name != "PERSAIS_MASTER_KEY" && !opens_the_database(each.name))
            all.emplace_back(each.name);
    return all;
}

answer<void> takes_value(std::string_view name, const secret& value) {
    auto which = run_time_secret(name);
    if (!which) return std::unexpected(which.error());
    auto wrong = config::wrong_with(**which, value);
    if (!wrong.empty()) return refuse(bad_setting, fmt::format("{}: {}", name, wrong));
    return {};
}

answer<store::statement> set_run_time_secret(std::string_view name, const secret& value, const seal& sealing,
                                             const std::string& by) {
    if (auto takes = takes_value(name, value); !takes) return std::unexpected(takes.error());
    return queue::set_secret(std::string(name), sealing.shut(value, setting_context(name)), by);
}

answer<store::statement> unset_run_time_secret(std::string_view name, const std::string& by) {
    auto which = run_time_secret(name);
    if (!which) return std::unexpected(which.error());
    return queue::unset_secret(std::string(name), by);
}

} // namespace persais::service
