#include "pgserver/scratch.hpp"

#include "pgserver/cluster.hpp"
#include "pgserver/limits.hpp"
#include "store/connection.hpp"
#include "store/limits.hpp"

#include <fmt/format.h>

namespace persais::pgserver {

namespace {

class scratch_cluster final : public scratch {
public:
    explicit scratch_cluster(cluster c) : cluster_(std::move(c)) {}
    std::string url() const override { return url_of(cluster_, "postgres"); }
    awaitable<void> leave() override { return stop_server(cluster_); }

private:
    cluster cluster_;
};

awaitable<bool> answers(const cluster& c) { // start() owns it, and waits
    try {
        co_await with_deadline<std::unique_ptr<store::connection>>(
            limits::db_connect,
            store::connection::open({store::parse_conninfo(secret(url_of(c, "postgres")), limits::db_connect), ""},
                                    limits::db_statement));
        co_return true;
    } catch (const store::connect_error&) {
    } catch (const deadline_passed&) {
    }
    co_return false;
}

} // namespace

awaitable<result<std::unique_ptr<scratch>>> scratch::start(std::filesystem::path folder,
                                                           std::filesystem::path binaries) {
    auto found = co_await find_cluster(std::move(folder), std::move(binaries));
    if (!found) co_return std::unexpected(found.error());
    found->scratch = true;
    found->beside = true;
    if (auto given = found->folder.give_to(found->user); !given) co_return std::unexpected(given.error());
    if (auto made = co_await initialise(*found); !made) co_return std::unexpected(made.error());
    auto begins = start_server(*found, try_lock(found->folder.server_file(), false));
    auto until = std::chrono::steady_clock::now() + limits::embedded_start;
    auto up = std::make_unique<scratch_cluster>(*found);
    while (std::chrono::steady_clock::now() < until) {
        if (co_await clean_up_on_exception(answers(*found), up->leave())) co_return up;
        if (try_lock(found->folder.server_file(), false)) break; // it has ended
        co_await clean_up_on_exception(sleep_for(limits::embedded_poll), up->leave());
    }
    auto why = found->folder.why_not(begins);
    co_await up->leave();
    co_return fail(fmt::format("a PostgreSQL to try a backup in does not start: {}", why));
}

} // namespace persais::pgserver
