#include "cli/at_database.hpp"

#include "cli/tongue.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

int at_database(const config::settings& settings, database_command what) {
    asio::io_context io(1);
    int code = 3;
    auto all = [](const config::settings& s, database_command command) -> awaitable<int> {
        std::error_code ec;
        auto db =
            co_await app::database::open(s, fs::read_symlink("/proc/self/exe", ec).parent_path(), {.why = command.why});
        if (!db) {
            fmt::print(stderr, "persais: {}\n", in_tongue(db.error()));
            co_return 3;
        }
        if (!*db) co_return command.none(app::database::nothing_there(s));
        int ended = 3;
        try {
            ended = co_await command.work(**db);
        } catch (const store::db_error& e) {
            fmt::print(stderr, "{}",
                       said<"persais: the database was lost: {}\n", "persais: связь с базой данных потеряна: {}\n">(
                           in_tongue(e.what())));
        }
        co_await (*db)->close();
        co_return ended;
    };
    asio::co_spawn(io, all(settings, std::move(what)), [&](std::exception_ptr error, int ended) {
        code = ended;
        if (!error) return;
        code = 3;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& e) {
            fmt::print(stderr, "persais: {}\n", in_tongue(e.what()));
        }
    });
    io.run();
    return code;
}

} // namespace persais::cli
