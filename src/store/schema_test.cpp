#include "pgserver/raw_server.hpp"
#include "store/migrate.hpp"

#include <fstream>
#include <sstream>

namespace persais::store {

using namespace pgserver::testing;

namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What depends on the program that dumped is left out: comments, settings, psql's \restrict; one empty line in a row.
std::string normalised(const std::string& dump) {
    std::istringstream in(dump);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("--") || line.starts_with("\\") || line.starts_with("SET ") ||
            line.starts_with("SELECT pg_catalog.set_config"))
            continue;
        if (line.empty() && (out.empty() || out.ends_with("\n\n"))) continue;
        out += line + "\n";
    }
    while (out.ends_with("\n\n"))
        out.pop_back();
    return out;
}

/// scripts/schema --write is this test with PERSAIS_WRITE_SCHEMA set.
TEST(schema, the_golden_file_is_what_the_migrations_make) {
    scratch_database d;
    EXPECT_GT(on_a_loop([](std::string url) -> awaitable<int> {
                  pool db(co_await asio::this_coro::executor, {.url = url});
                  co_return co_await migrate(db);
              }(d.url())),
              0);
    scratch_folder folder;
    auto pg_dump = scratch_server::shared().what().bin / "pg_dump";
    auto status = on_a_loop(pgserver::finish_program(
        {{pg_dump.native(), "--schema-only", "--no-owner", "--no-privileges", d.url()}, folder.path() / "dump", -1},
        std::chrono::seconds(60)));
    ASSERT_EQ(status, 0) << contents(folder.path() / "dump");
    auto made = normalised(contents(folder.path() / "dump"));
    std::filesystem::path golden = PERSAIS_SOURCE_DIR "/sql/schema.golden.sql";
    if (std::getenv("PERSAIS_WRITE_SCHEMA")) std::ofstream(golden) << made;
    EXPECT_EQ(made, contents(golden))
        << "the migrations and sql/schema.golden.sql differ; when that is meant: scripts/schema --write";
}

} // namespace

} // namespace persais::store
