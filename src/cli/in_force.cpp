#include "cli/in_force.hpp"

#include "base/told.hpp"
#include "cli/limits.hpp"
#include "cli/log.hpp"
#include "service/run_time_secrets.hpp"

#include <boost/asio/io_context.hpp>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

config::reading read_with(const config::secrets_by_name& run_time) {
    return config::read(config::process_environment(), fs::current_path(), run_time);
}

awaitable<result<service::run_time_secrets>> ask(const config::settings& settings) { // read_in_force() owns them
    std::error_code ec;
    auto folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
    auto db = co_await app::database::open(
        settings, folder,
        {.why = app::database_options::purpose::bare, .absent = limits::secrets_asked_within, .changed = {}});
    if (!db) co_return std::unexpected(db.error());
    result<service::run_time_secrets> found;
    try {
        found = co_await service::read_run_time_secrets((*db)->pool(), settings);
    } catch (const store::db_error& e) {
        found = fail(e.what());
    }
    co_await (*db)->close();
    co_return found;
}

} // namespace

awaitable<void> put_in_force(store::pool& db, config::settings& settings, spdlog::level::level_enum quietest) {
    auto set = co_await service::read_run_time_secrets(db, settings);
    if (set.values.empty()) co_return;
    auto again = read_with(set.values);
    if (!again.made) co_return; // a file was changed meanwhile, and is wrong
    settings = std::move(*again.made);
    set_up_log(settings, quietest);
}

in_force read_in_force() {
    in_force all{.read = read_with({}), .notes = {}};
    if (!all.read.made || !app::database::may_be_there(*all.read.made)) return all;
    asio::io_context io(1);
    result<service::run_time_secrets> found;
    asio::co_spawn(io, ask(*all.read.made), [&](std::exception_ptr error, result<service::run_time_secrets> answer) {
        found = std::move(answer);
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            found = fail(e.what());
        }
    });
    io.run();
    if (!found) {
        all.notes.push_back(told<"The database does not say which secrets were set at run time, so those of files and "
                                 "environment are shown: {}",
                                 "База данных не говорит, какие секреты заданы во время работы, поэтому показаны "
                                 "заданные в файлах и окружении: {}">(found.error()));
        return all;
    }
    all.notes = found->trouble();
    if (!found->values.empty()) all.read = read_with(found->values);
    return all;
}

} // namespace persais::cli
