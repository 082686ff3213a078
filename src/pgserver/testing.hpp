#pragma once
#include "base/temp_dir.hpp"
#include "pgserver/cluster.hpp"
#include "store/store.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

/// For tests of any folder that need a database.
namespace persais::pgserver::testing {

/// Runs one coroutine to its end on a new loop; throws what it throws.
template <class T>
T on_a_loop(awaitable<T> work) {
    asio::io_context io(1);
    std::optional<T> value;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T v) {
        error = e;
        if (!e) value.emplace(std::move(v));
    });
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*value);
}

inline void on_a_loop(awaitable<void> work) {
    auto wrapped = [](awaitable<void> w) -> awaitable<bool> {
        co_await std::move(w);
        co_return true;
    };
    on_a_loop<bool>(wrapped(std::move(work)));
}

/// The folder that holds bin/postgres: $PERSAIS_POSTGRES, else deps/postgres in a build folder above $PERSAIS_BIN or
/// above this program.
inline std::filesystem::path postgres_binaries() {
    if (const char* given = std::getenv("PERSAIS_POSTGRES")) return given;
    const char* bin = std::getenv("PERSAIS_BIN");
    auto from = bin ? std::filesystem::path(bin) : std::filesystem::read_symlink("/proc/self/exe").parent_path();
    for (auto folder = from; folder != folder.root_path(); folder = folder.parent_path())
        if (std::filesystem::exists(folder / "deps/postgres/bin/postgres")) return folder / "deps/postgres";
    throw std::runtime_error("no PostgreSQL for the tests: run scripts/setup, or set PERSAIS_POSTGRES");
}

/// A new cluster below `data`, fast and not durable; its server dies with this process.
inline cluster new_cluster(const std::filesystem::path& data) {
    auto found = on_a_loop(find_cluster(data, postgres_binaries()));
    if (!found) throw std::runtime_error(found.error());
    found->scratch = true;
    if (auto given = found->folder.give_to(found->user); !given) throw std::runtime_error(given.error());
    if (auto made = on_a_loop(initialise(*found)); !made) throw std::runtime_error(made.error());
    return *found;
}

/// One server for all tests of a program: it starts when first needed and stops at exit.
class scratch_server {
public:
    static scratch_server& shared() {
        static scratch_server only;
        return only;
    }

    std::string url() const { return url_; }

    /// Runs one statement as the superuser.
    void run(std::string sql) {
        on_a_loop([](std::string url, std::string statement) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 1});
            co_await db.query(std::move(statement));
        }(url_, std::move(sql)));
    }

    const cluster& what() const { return *cluster_; }

    ~scratch_server() { on_a_loop(stop_server(*cluster_)); }

private:
    scratch_server() : cluster_(new_cluster(folder_.path())), url_(url_of(*cluster_, "postgres")) {
        start_server(*cluster_, try_lock(cluster_->folder.server_file(), false));
    }

    temp_dir folder_;
    std::optional<cluster> cluster_;
    std::string url_;
};

/// A fresh, empty database on the shared server; the destructor drops it.
class scratch_database {
public:
    scratch_database() {
        static int count = 0;
        name_ = fmt::format("scratch_{}", ++count);
        scratch_server::shared().run("create database " + name_);
    }
    ~scratch_database() {
        try {
            scratch_server::shared().run("drop database " + name_ + " with (force)");
        } catch (const std::exception& e) {
            fmt::print(stderr, "{}: {}\n", name_, e.what()); // a test may have stopped the server
        }
    }
    scratch_database(const scratch_database&) = delete;

    const std::string& name() const { return name_; }
    /// In the form of DATABASE_URL.
    std::string url() const {
        auto url = scratch_server::shared().url();
        return url.replace(url.find("/postgres?"), 10, "/" + name_ + "?");
    }

private:
    std::string name_;
};

} // namespace persais::pgserver::testing
