#include "pgserver/cluster.hpp"

#include "base/encoding.hpp"
#include "base/told.hpp"
#include "pgserver/limits.hpp"

#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <regex>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::pgserver {

namespace fs = std::filesystem;

namespace {

constexpr int oldest_major = 17; // the builtin locale and syncfs need it

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// A name that no other start uses, in this process or another.
std::string unique(std::string_view what) {
    return fmt::format("{}-{}-{}", what, ::getpid(), std::chrono::steady_clock::now().time_since_epoch().count());
}

/// The major version of the program; 0 when it does not run: `said` then has its output.
awaitable<int> major_of(fs::path postgres, fs::path scratch, std::string& said) {
    int status = -1;
    try {
        status = co_await finish_program({{postgres.native(), "--version"}, scratch, -1}, limits::embedded_start);
    } catch (const std::system_error& e) {
        said = e.what();
    }
    if (said.empty()) said = tail_of(scratch, 500);
    std::error_code ec;
    fs::remove(scratch, ec);
    std::smatch found;
    if (status == 0 && std::regex_search(said, found, std::regex(R"(\) (\d+))"))) co_return std::stoi(found[1]);
    co_return 0;
}

void sync_folder(const fs::path& folder) {
    owned_fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

bool is_postgres(pid_t pid) {
    std::ifstream in(fmt::format("/proc/{}/comm", pid));
    std::string name;
    in >> name;
    return name == "postgres";
}

/// The lock proves that no process of the server lives. PostgreSQL checks the process id that its predecessor left
/// behind, which may by now belong to a zombie or another program; then it would refuse to start.
void forget_dead_server(const server_folder& folder) {
    auto pid = folder.postmaster();
    if (pid <= 0) return;
    ::waitpid(pid, nullptr, WNOHANG); // in case it was our child
    std::error_code ec;
    if (!is_postgres(pid) || fs::read_symlink(fmt::format("/proc/{}/cwd", pid), ec).empty())
        fs::remove(folder.cluster() / "postmaster.pid", ec);
}

} // namespace

awaitable<result<cluster>> find_cluster(fs::path data, fs::path binaries) {
    std::error_code ec;
    auto postgres = fs::canonical(binaries / "bin" / "postgres", ec);
    if (ec)
        co_return fail(told<"there is no PostgreSQL at {}; set PERSAIS_POSTGRES to the folder that holds "
                            "bin/postgres, or DATABASE_URL to a database",
                            "по пути {} нет PostgreSQL; укажите в PERSAIS_POSTGRES папку, в которой лежит "
                            "bin/postgres, или в DATABASE_URL базу данных">(binaries.native()));
    auto folder = server_folder::open(data);
    if (!folder) co_return std::unexpected(folder.error());
    std::string said;
    int major = co_await major_of(postgres, folder->root() / unique("version"), said);
    if (major == 0) co_return fail(fmt::format("{} does not run: {}", postgres.native(), said));
    if (major < oldest_major)
        co_return fail(
            fmt::format("{} is version {}; the embedded database needs {}", postgres.native(), major, oldest_major));
    auto there = folder->version();
    if (!there.empty() && there != std::to_string(major))
        co_return fail(
            fmt::format("the database in {0} was made by PostgreSQL {1} and this is {2}: with PostgreSQL {1}, "
                        "`pg_dump` it to a file, move the folder away, start Persais once, and load the file "
                        "with `psql`",
                        folder->root().native(), there, major));
    auto user = choose_user(folder->cluster());
    if (!user) co_return std::unexpected(user.error());
    co_return cluster{*folder, postgres.parent_path(), *user, major};
}

awaitable<result<void>> initialise(cluster c) {
    if (!c.folder.version().empty()) co_return result<void>();
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(c.folder.root(), ec)) // left by a start that was killed
        if (entry.path().filename().native().starts_with("cluster.new")) fs::remove_all(entry.path(), ec);
    // Each attempt has its own name, because an initdb that outlived its killed starter may still write to the old one.
    auto fresh = c.folder.root() / unique("cluster.new");
    fs::create_directory(fresh, ec);
    if (ec) co_return fail(fmt::format("{} cannot be made: {}", fresh.native(), ec.message()));
    if (!c.user.ours && ::chown(fresh.c_str(), c.user.uid, c.user.gid) != 0)
        co_return fail(
            fmt::format("{} cannot be given to the database's user: {}", fresh.native(), std::strerror(errno)));
    // One syncfs, because a thousand fsyncs took 4.2 s beside a compiler that wrote to the same disk, and this takes
    // 0.1 s.
    // The builtin locale sorts the same on every machine. Authentication is trust, because access to the socket's
    // folder is already restricted.
    auto argv = joined(run_as(c.user, {fresh / "x", c.bin / "initdb"}),
                       {(c.bin / "initdb").native(), "--pgdata=" + fresh.native(),
                        fmt::format("--username={}", superuser), "--auth=trust", "--encoding=UTF8", "--locale=C",
                        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
                        "--no-instructions", c.scratch ? "--no-sync" : "--sync-method=syncfs"});
    auto begins = c.folder.log_end();
    int status = co_await finish_program({argv, c.folder.log(), -1}, limits::embedded_start);
    if (status == 0) fs::rename(fresh, c.folder.cluster(), ec);
    if (status != 0 || ec) {
        std::error_code ignored;
        fs::remove_all(fresh, ignored);
        co_return fail(fmt::format("a database cannot be made in {}: {}", c.folder.root().native(),
                                   ec ? ec.message() : c.folder.why_not(begins)));
    }
    sync_folder(c.folder.root());
    co_return result<void>();
}

std::uintmax_t start_server(const cluster& c, owned_fd server) {
    forget_dead_server(c.folder);
    c.folder.rotate_log();
    std::vector<std::string> settings{
        "listen_addresses=", "unix_socket_directories=" + c.folder.socket().native(), "unix_socket_permissions=0700",
        "port=5432", "max_connections=50", "shared_buffers=32MB", "max_wal_size=256MB",
        // A statement's error is returned to its client; the log is only for problems of the server itself.
        "log_min_messages=log", "log_checkpoints=off", "log_destination=stderr", "logging_collector=off",
        // The data is small: no query is worth starting a process for, and logind may remove shared memory of a user
        // who logged out.
        "max_parallel_workers_per_gather=0", "max_parallel_maintenance_workers=0", "dynamic_shared_memory_type=mmap",
        "jit=off", "recovery_init_sync_method=syncfs"}; // after a crash; for the same reason as at initdb
    if (c.scratch) settings.emplace_back("fsync=off");
    if (c.major >= 18) settings.emplace_back("io_method=sync"); // no I/O processes
    std::vector<std::string> before;
    if (c.scratch) before = {"/usr/bin/setpriv", "--pdeathsig=QUIT", "--"};
    if (c.beside) before.insert(before.end(), {"/usr/bin/nice", "-n", "19"});
    before = joined(run_as(c.user, {c.folder.cluster() / "x", c.folder.socket() / "x", c.bin / "postgres"}), before);
    auto argv = joined(before, {(c.bin / "postgres").native(), "-D", c.folder.cluster().native()});
    for (auto& s : settings)
        argv.insert(argv.end(), {"-c", std::move(s)});
    auto begins = c.folder.log_end();
    start_program({argv, c.folder.log(), server.get()});
    return begins;
}

awaitable<void> stop_server(cluster c) {
    for (int signal : {SIGINT, SIGQUIT, SIGKILL}) {
        auto pid = c.folder.postmaster();
        auto until = std::chrono::steady_clock::now() + limits::embedded_stop;
        bool told = false;
        while (!try_lock(c.folder.server_file(), false)) {
            if (!told && pid > 0 && is_postgres(pid)) told = ::kill(pid, signal) == 0;
            if (std::chrono::steady_clock::now() >= until) break;
            co_await sleep_for(limits::embedded_poll);
        }
        if (pid > 0) ::waitpid(pid, nullptr, WNOHANG);
        if (try_lock(c.folder.server_file(), false)) {
            c.folder.remove_socket_folder();
            co_return;
        }
    }
    spdlog::error("the embedded database in {} does not stop", c.folder.root().native());
}

std::string url_of(const cluster& c, std::string_view database, std::string_view role) {
    return fmt::format("postgresql:///{}?host={}&user={}", database,
                       percent_encoded(c.folder.socket().native(), "/-._~"), role);
}

} // namespace persais::pgserver
