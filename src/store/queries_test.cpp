#include "pgserver/raw_server.hpp"
#include "store/migrate.hpp"

#include <fstream>
#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::store {

using namespace pgserver::testing;

namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The types that the comment of a query gives its parameters. tests/structure/queries.py checks that it names them in
/// their order.
std::vector<std::string> types_said(const std::string& text) {
    static const std::regex line(R"(-- \$\d+ \w+: ([\w\[\]]+))");
    std::vector<std::string> types;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at)
        types.push_back((*at)[1]);
    return types;
}

/// How PostgreSQL names the types of a prepared query: the types that it inferred, and those that the comment gives.
struct parameters {
    std::string had, said;
};
awaitable<parameters> prepare(pool& db, std::string name, std::string text) { // `db` belongs to the test
    co_await db.script(fmt::format("prepare {} as {}", name, text));
    auto r = co_await db.query(
        "select array_to_string(parameter_types, ', '), (select coalesce(string_agg(t::regtype::text, ', ' order by "
        "n), '') from unnest($2::text[]) with ordinality said(t, n)) from pg_prepared_statements where name = $1",
        {name, fmt::format("{{{}}}", fmt::join(types_said(text), ","))});
    co_return parameters{std::string(r.text(0, 0)), std::string(r.text(0, 1))};
}

TEST(queries, each_is_prepared_with_the_types_that_it_says) {
    scratch_database d;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(PERSAIS_SOURCE_DIR "/sql/queries"))
        if (entry.is_regular_file() && !contents(entry.path()).contains("\ndo $$")) // a block has no parameters
            files.push_back(entry.path());
    EXPECT_FALSE(files.empty());
    on_a_loop([](std::string url, std::vector<std::filesystem::path> files) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor,
                {.url = secret(url), .size = 1}); // prepared statements belong to their session
        co_await migrate(db);
        for (const auto& file : files) {
            try {
                auto types = co_await prepare(db, file.stem(), contents(file));
                EXPECT_EQ(types.said, types.had) << file;
            } catch (const db_error& e) {
                ADD_FAILURE() << file << ": " << e.what();
            }
        }
    }(d.url(), files));
}

} // namespace

} // namespace persais::store
