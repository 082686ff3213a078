#include "pgserver/embedded.hpp"

#include "pgserver/cluster.hpp"
#include "pgserver/limits.hpp"
#include "pgserver/queries.hpp"
#include "store/connection.hpp"
#include "store/limits.hpp"

#include <algorithm>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::pgserver {

namespace {

constexpr auto others_hold_it =
    "another persais is starting or stopping the embedded database and does not come to an end";

enum class probe { ready, not_made, not_yet };

constexpr auto database = "persais";

awaitable<std::unique_ptr<store::connection>> connect(const cluster& c, std::string name, std::string role) {
    return with_deadline<std::unique_ptr<store::connection>>(
        limits::db_connect,
        store::connection::open({store::parse_conninfo(secret(url_of(c, name, role)), limits::db_connect), ""},
                                limits::db_statement));
}

awaitable<probe> try_connecting(const cluster& c) {
    try {
        co_await connect(c, database, std::string(service_role));
        co_return probe::ready;
    } catch (const store::connect_error& e) {
        // There is no such role, or it may not log in yet.
        co_return e.sqlstate == "28000" ? probe::not_made : probe::not_yet;
    } catch (const deadline_passed&) {
        co_return probe::not_yet;
    }
}

/// Makes the database and the service's role, also in a cluster of an older version, in which the superuser was the
/// service's role. Only its last transaction lets the role log in, so that a start that was killed is repeated here.
awaitable<void> make_role(const cluster& c) {
    auto session = co_await connect(c, "postgres", std::string(superuser));
    auto there = co_await session->execute("select from pg_database where datname = $1", {database}, false);
    if (there.size() == 0) co_await session->execute(fmt::format("create database {}", database), {}, false);
    session = co_await connect(c, database, std::string(superuser));
    co_await session->script(fmt::format("begin; {}; revoke connect on database postgres, template1 from public; "
                                         "alter role {} login; alter role {} nologin; commit",
                                         queries::service_role, service_role, superuser));
}

/// Returns when the server answers; starts it if needed. The caller holds the folder's lock.
awaitable<result<void>> bring_up(const cluster& c) {
    if (auto made = co_await initialise(c); !made) co_return std::unexpected(made.error());
    auto until = std::chrono::steady_clock::now() + limits::embedded_start;
    bool started = false;
    auto begins = c.folder.log_end(); // earlier lines in the log do not concern this start
    while (std::chrono::steady_clock::now() < until) {
        if (auto free = try_lock(c.folder.server_file(), false)) {
            free = {};
            auto said = started ? c.folder.log_since(begins) : "";
            // Shared memory of a killed server is in use until its last process has noticed.
            if (started && !said.contains("shared memory block"))
                co_return fail(fmt::format("the embedded database does not start: {}", c.folder.why_not(begins)));
            begins = start_server(c, try_lock(c.folder.server_file(), false));
            started = true;
        }
        auto state = co_await try_connecting(c);
        if (state == probe::ready) co_return result<void>();
        if (state == probe::not_made)
            co_await make_role(c);
        else
            co_await sleep_for(limits::embedded_poll);
    }
    co_return fail(fmt::format("the embedded database did not come up within {} s: {}", limits::embedded_start.count(),
                               c.folder.why_not(begins)));
}

/// As bring_up(), for a caller that does not hold the folder's lock. It throws only cancellations.
awaitable<result<void>> bring_up_again(const cluster& c) {
    try {
        auto held = co_await lock(c.folder.lock_file(), limits::embedded_start);
        co_return co_await bring_up(c);
    } catch (const deadline_passed&) {
        co_return fail(others_hold_it);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        co_return fail(fmt::format("the embedded database does not start: {}", e.what()));
    } catch (const std::exception& e) { // no process or disk space is available: it may pass
        co_return fail(fmt::format("the embedded database does not start: {}", e.what()));
    }
}

/// Returns when the server's process has ended.
awaitable<void> server_ended(const cluster& c) {
    auto pid = c.folder.postmaster();
    asio::posix::stream_descriptor ended(co_await asio::this_coro::executor);
    int fd = pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)) : -1;
    if (fd >= 0) {
        ended.assign(fd);
        co_await ended.async_wait(ended.wait_read, asio::use_awaitable);
        ::waitpid(pid, nullptr, WNOHANG);
        co_return;
    }
    // Its process is in another container, or has just ended.
    while (!try_lock(c.folder.server_file(), false))
        co_await sleep_for(limits::embedded_watch);
}

/// The same reason has other process numbers each time, so sentences are compared without digits.
std::string without_numbers(std::string words) {
    std::erase_if(words, [](char c) { return c >= '0' && c <= '9'; });
    return words;
}

/// While the server has a user, nobody stops it; when it ends nevertheless, it crashed and is started again, with
/// retries for as long as it takes. Each problem is reported once, until the server has run for a while.
awaitable<void> watch(std::shared_ptr<const cluster> c) {
    std::chrono::milliseconds pause{0};
    std::string told;
    for (;;) {
        auto since = std::chrono::steady_clock::now();
        try {
            co_await server_ended(*c);
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
        } catch (const std::exception&) { // no descriptor is available: the server may have ended
        }
        if (std::chrono::steady_clock::now() - since > limits::embedded_again_most) {
            pause = {};
            told.clear();
        }
        if (told.empty()) spdlog::warn("the embedded database ended; starting it again");
        for (;;) {
            if (pause.count() > 0) co_await sleep_for(pause);
            pause =
                std::clamp<std::chrono::milliseconds>(2 * pause, limits::embedded_again, limits::embedded_again_most);
            auto up = co_await bring_up_again(*c);
            if (up) break;
            if (auto why = without_numbers(up.error()); std::exchange(told, why) != why)
                spdlog::error("{}", up.error());
        }
        if (!told.empty()) spdlog::info("the embedded database is back");
    }
}

class user final : public embedded {
public:
    user(const asio::any_io_executor& executor, cluster c, owned_fd users)
        : cluster_(std::make_shared<const cluster>(std::move(c))), users_(std::move(users)),
          watching_(spawn(executor, "embedded database", watch(cluster_))) {}
    ~user() override { watching_.cancel(); }

    std::string url() const override { return url_of(*cluster_, database, service_role); }

    awaitable<void> leave() override {
        if (!users_) co_return;
        watching_.cancel();
        auto c = cluster_;
        auto held = co_await lock(c->folder.lock_file(), limits::embedded_start);
        users_ = {};
        if (try_lock(c->folder.users_file(), false)) co_await stop_server(*c);
    }

private:
    std::shared_ptr<const cluster> cluster_;
    owned_fd users_;
    cancel_handle watching_;
};

} // namespace

bool embedded::exists(const std::filesystem::path& data) {
    std::error_code ec;
    auto found = std::filesystem::exists(server_folder::cluster_below(data), ec);
    return found || ec; // a folder that may not be looked into may hold one; start() says what is wrong with it
}

awaitable<result<std::unique_ptr<embedded>>> embedded::start(std::filesystem::path data,
                                                             std::filesystem::path binaries) {
    try {
        auto c = co_await find_cluster(std::move(data), std::move(binaries));
        if (!c) co_return std::unexpected(c.error());
        auto held = co_await lock(c->folder.lock_file(), limits::embedded_start);
        if (auto given = c->folder.give_to(c->user); !given) co_return std::unexpected(given.error());
        auto users =
            try_lock(c->folder.users_file(), true); // free, or shared: an exclusive lock is only taken under `lock`
        auto leave = [&]() -> awaitable<void> {     // a server that was started here is not left running
            users = {};
            if (try_lock(c->folder.users_file(), false)) co_await stop_server(*c);
        };
        auto up = co_await clean_up_on_exception(bring_up(*c), leave());
        if (!up) co_return std::unexpected(up.error());
        co_return std::make_unique<user>(co_await asio::this_coro::executor, std::move(*c), std::move(users));
    } catch (const deadline_passed&) {
        co_return fail(others_hold_it);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        co_return fail(fmt::format("the embedded database does not start: {}", e.what()));
    } catch (const std::exception& e) {
        co_return fail(fmt::format("the embedded database does not start: {}", e.what()));
    }
}

} // namespace persais::pgserver
