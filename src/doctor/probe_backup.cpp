#include "base/told.hpp"
#include "doctor/database.hpp"
#include "doctor/limits.hpp"
#include "i18n/format.hpp"
#include "queue/backups.hpp"
#include "store/limits.hpp"

namespace persais::doctor {

namespace {

constexpr auto name = "backup";

finding judge_backup(const queue::backup_state& s, const config::settings& settings) {
    using i18n::language;
    auto age = i18n::span(language::en, s.age), size = i18n::size(language::en, static_cast<std::uint64_t>(s.bytes));
    boost::json::object facts{{"name", s.name}, {"age_seconds", s.age.count()}, {"bytes", s.bytes}};
    if (!s.why.empty())
        return failed(name, told<"The newest backup failed: {}", "Последняя резервная копия не удалась: {}">(s.why),
                      told<"Look at BACKUP_URL; `persais backup` tries it at once.",
                           "Посмотрите на BACKUP_URL; `persais backup` попробует сразу.">(),
                      std::move(facts));
    if (s.name.empty())
        return warn(name, told<"There is no backup yet.", "Резервной копии ещё нет.">(),
                    told<"The service makes one every BACKUP_INTERVAL; `persais backup` makes one at once.",
                         "Сервис делает её каждый BACKUP_INTERVAL; `persais backup` сделает сразу.">(),
                    std::move(facts));
    if (settings.backup_key.empty())
        return ok(name,
                  told<"The newest backup: {} ago, {}. Its key is in {}: keep a copy elsewhere.",
                       "Последняя резервная копия: {} назад, {}. Её ключ — в {}: храните его копию в другом месте.">(
                      age, size, (settings.data / "backup.key").string()),
                  std::move(facts));
    return ok(name, told<"The newest backup: {} ago, {}.", "Последняя резервная копия: {} назад, {}.">(age, size),
              std::move(facts));
}

} // namespace

awaitable<finding> probe_backup(const subject& of, const database_seen& seen) {
    if (of.settings.backup_url.empty())
        co_return skipped(name, told<"No backups are made.", "Резервные копии не делаются.">(),
                          told<"BACKUP_URL says where to.", "Куда их делать, задаёт BACKUP_URL.">());
    if (seen.url.empty() || seen.trial)
        co_return skipped(
            name,
            told<"What is known of backups is in the database.", "О резервных копиях известно из базы данных.">());
    store::pool db(co_await asio::this_coro::executor, {.url = seen.url,
                                                        .size = 1,
                                                        .ca_file = of.settings.ssl_cert_file,
                                                        .statement = limits::db_connect,
                                                        .absent = limits::doctor_database});
    finding found =
        skipped(name, told<"The tables are those of an older Persais.", "Таблицы — от более старой Persais.">());
    try {
        found = judge_backup(co_await queue::backup_state_of(db), of.settings);
    } catch (const store::db_error& e) {
        if (e.sqlstate != "42P01") found.sentence = e.what(); // no such table: `schema` says it
    }
    db.close();
    co_return found;
}

} // namespace persais::doctor
