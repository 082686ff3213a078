#include "pgserver/raw_server.hpp"

#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>

namespace persais::pgserver {

using namespace testing;
using namespace std::chrono_literals;

namespace {

std::filesystem::path server_lock(const std::filesystem::path& data) {
    return data / "postgres/server";
}

bool runs(const std::filesystem::path& data) {
    return !try_lock(server_lock(data), false);
}

pid_t postmaster(const std::filesystem::path& data) {
    return server_folder::open(data)->postmaster();
}

std::string status_line(pid_t pid, const std::string& name) {
    std::ifstream in(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(name)) return line;
    return "";
}

TEST(embedded, is_shared_by_two_and_stopped_by_the_last) {
    temp_dir data;
    new_cluster(data.path());
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto first = co_await started(folder);
        auto second = co_await started(folder);
        EXPECT_EQ(first->url(), second->url());
        auto pid = postmaster(folder);
        co_await answer(first->url(), "create table t as select 42 as n");
        co_await first->leave();
        EXPECT_EQ(postmaster(folder), pid);
        EXPECT_EQ(co_await answer(second->url(), "select n from t"), 42);
        co_await second->leave();
        EXPECT_FALSE(runs(folder));
        auto third = co_await started(folder);
        EXPECT_EQ(co_await answer(third->url(), "select n from t"), 42);
        co_await third->leave();
    }(data.path()));
}

TEST(embedded, many_that_start_and_leave_at_once_find_a_server_each) {
    temp_dir data;
    new_cluster(data.path());
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto come_and_go = [](std::filesystem::path f) -> awaitable<std::int64_t> {
            auto server = co_await started(f);
            auto one = co_await answer(server->url(), "select 1");
            co_await server->leave();
            co_return one;
        };
        std::list<beside<std::int64_t>> all;
        for (int i = 0; i < 6; ++i)
            all.emplace_back(executor, come_and_go(folder));
        for (auto& one : all)
            EXPECT_EQ(co_await one.end(), 1);
        EXPECT_FALSE(runs(folder));
    }(data.path()));
}

TEST(embedded, a_killed_server_is_started_again_while_somebody_uses_it) {
    temp_dir data;
    new_cluster(data.path());
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto server = co_await started(folder);
        store::pool db(co_await asio::this_coro::executor, {.url = secret(server->url()), .size = 1});
        co_await db.query("create table t as select 42 as n");
        auto killed = postmaster(folder);
        ::kill(killed, SIGKILL);
        // The last process of the killed server may still answer; then the statement that meets its end has an unknown
        // outcome, or the connection fails only later.
        EXPECT_TRUE(co_await becomes_true([&]() -> awaitable<bool> {
            if (postmaster(folder) == killed) co_return false;
            co_return co_await state_of(db, "select n from t") == "";
        }));
        EXPECT_EQ((co_await db.query("select n from t")).number(0, 0), 42);
        db.close();
        co_await server->leave();
        EXPECT_FALSE(runs(folder));
    }(data.path()));
}

TEST(embedded, a_server_that_was_killed_with_its_users_starts_again) {
    raw_server server;
    server.start();
    on_a_loop([](raw_server& s) -> awaitable<void> {
        co_await answer(s.url(), "create table t as select 42 as n");
        auto pid = s.what().folder.postmaster();
        ::kill(pid, SIGKILL); // leaves postmaster.pid and, for a moment, its children; as our child it stays a zombie
        EXPECT_TRUE(co_await becomes_true(
            [&]() -> awaitable<bool> { co_return !!try_lock(s.what().folder.server_file(), false); }));
        EXPECT_EQ(s.what().folder.postmaster(), pid);
        s.start();
        EXPECT_EQ(co_await answer(s.url(), "select n from t"), 42);
    }(server));
}

/// These are not tests but the processes that the following tests kill.
const char* folder_to_hold() {
    return std::getenv("PERSAIS_TEST_FOLDER");
}

TEST(embedded, DISABLED_user_process) {
    if (!folder_to_hold()) return;
    on_a_loop([](std::filesystem::path f) -> awaitable<void> {
        auto server = co_await started(f);
        std::ofstream(f / "ready") << "yes";
        co_await sleep_for(10min);
    }(folder_to_hold()));
}

TEST(embedded, DISABLED_scratch_process) {
    if (!folder_to_hold()) return;
    scratch_database d;
    std::ofstream(std::filesystem::path(folder_to_hold()) / "root")
        << scratch_server::shared().what().folder.root().native() << std::endl;
    std::ofstream(std::filesystem::path(folder_to_hold()) / "ready") << "yes";
    ::sleep(600);
}

/// Runs this program again with one of those; returns when it is ready.
pid_t another_process(std::filesystem::path folder, const std::string& what) {
    auto self = std::filesystem::read_symlink("/proc/self/exe").native();
    auto child = start_program(
        {{"/usr/bin/env", "PERSAIS_TEST_FOLDER=" + folder.native(), "PERSAIS_POSTGRES=" + postgres_binaries().native(),
          self, "--gtest_also_run_disabled_tests", "--gtest_filter=embedded.DISABLED_" + what},
         folder / "output",
         -1});
    auto ready =
        on_a_loop(becomes_true([&]() -> awaitable<bool> { co_return std::filesystem::exists(folder / "ready"); }));
    EXPECT_TRUE(ready);
    return child;
}

TEST(embedded, a_killed_user_leaves_it_running_and_the_next_one_stops_it) {
    temp_dir data;
    auto child = another_process(data.path(), "user_process");
    on_a_loop([](std::filesystem::path folder, pid_t user) -> awaitable<void> {
        auto pid = postmaster(folder);
        ::kill(user, SIGKILL);
        ::waitpid(user, nullptr, 0);
        EXPECT_TRUE(runs(folder));
        auto next = co_await started(folder);
        EXPECT_EQ(postmaster(folder), pid);
        co_await next->leave();
        EXPECT_FALSE(runs(folder));
    }(data.path(), child));
}

TEST(embedded, a_killed_test_leaves_no_scratch_server) {
    temp_dir data;
    auto child = another_process(data.path(), "scratch_process");
    std::string root;
    std::ifstream(data.path() / "root") >> root;
    EXPECT_FALSE(try_lock(root + "/server", false));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto gone = on_a_loop(becomes_true([&]() -> awaitable<bool> { co_return !!try_lock(root + "/server", false); }));
    EXPECT_TRUE(gone);
    std::filesystem::remove_all(std::filesystem::path(root).parent_path());
}

TEST(embedded, inherits_nothing_and_is_reached_by_nobody_else) {
    temp_dir data;
    new_cluster(data.path());
    ASSERT_EQ(::chmod(data.path().c_str(), 0755), 0);
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0); // without O_CLOEXEC
    struct stat ours{};
    ASSERT_EQ(::fstat(pipe[0], &ours), 0);
    on_a_loop([](std::filesystem::path folder, ino_t inode) -> awaitable<void> {
        auto server = co_await started(folder);
        auto pid = postmaster(folder);
        EXPECT_EQ(::getsid(pid), pid);
        for (const auto& fd : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid))) {
            struct stat theirs{};
            if (::stat(fd.path().c_str(), &theirs) == 0) EXPECT_NE(theirs.st_ino, inode) << fd.path();
        }
        struct stat socket{};
        EXPECT_EQ(::stat((folder / "postgres/run").c_str(), &socket), 0);
        EXPECT_EQ(socket.st_mode & 0777, 0700U);
        EXPECT_EQ(co_await answer(server->url(), "select count(*) from pg_settings where name = 'listen_addresses' "
                                                 "and setting = ''"),
                  1);
        EXPECT_EQ(co_await answer(server->url(), "select (current_setting('fsync') = 'on')::int"), 1);
        if (::geteuid() == 0) {
            EXPECT_EQ(status_line(pid, "Uid:").find("\t0\t"), std::string::npos);
            auto programs = std::filesystem::canonical(postgres_binaries() / "bin/postgres");
            if (reachable({65534, 65534, false}, programs)) // then it needs no capability
                EXPECT_EQ(status_line(pid, "CapPrm:"), "CapPrm:\t0000000000000000");
        }
        co_await server->leave();
    }(data.path(), ours.st_ino));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(embedded, the_databases_user_passes_through_roots_data_folder_and_needs_no_right_for_it) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root changes to another user";
    temp_dir data; // mode 0700, owned by root
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto server = co_await started(folder);
        EXPECT_EQ(status_line(postmaster(folder), "CapPrm:"), "CapPrm:\t0000000000000000");
        struct stat after{};
        EXPECT_EQ(::stat(folder.c_str(), &after), 0);
        EXPECT_EQ(after.st_mode & 0777, 0710U);
        co_await server->leave();
    }(data.path()));
}

TEST(embedded, root_keeps_its_data_below_a_folder_that_the_databases_user_may_not_enter) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root changes to another user";
    temp_dir closed; // mode 0700, owned by root
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto server = co_await started(folder);
        auto caps = status_line(postmaster(folder), "CapPrm:");
        EXPECT_TRUE(caps == "CapPrm:\t0000000000000004" || caps == "CapPrm:\t0000000000000002") << caps;
        struct stat after{};
        EXPECT_EQ(::stat(folder.parent_path().c_str(), &after), 0);
        EXPECT_EQ(after.st_mode & 0777, 0700U);
        co_await server->leave();
    }(closed.path() / "data"));
}

TEST(embedded, programs_below_a_folder_of_root_are_found_by_those_that_ask_first) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root changes to another user";
    temp_dir folder; // mode 0700, owned by root
    auto program = folder.path() / "initdb";
    std::ofstream(program) << "#!/bin/sh\n";
    std::filesystem::permissions(program, std::filesystem::perms(0755));
    auto argv = run_as({65534, 65534, false}, {program});
    argv.insert(argv.end(),
                {"/usr/bin/python3", "-c", "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK | os.X_OK))",
                 program.native()});
    EXPECT_EQ(on_a_loop(finish_program({argv, folder.path() / "output", -1}, 30s)), 0)
        << tail_of(folder.path() / "output", 500);
}

TEST(embedded, a_long_path_has_its_socket_elsewhere) {
    temp_dir data;
    auto folder = data.path() / std::string(60, 'a') / "with, a comma and 'quotes'" / std::string(60, 'b');
    new_cluster(folder);
    on_a_loop([](std::filesystem::path f) -> awaitable<void> {
        auto server = co_await started(f);
        auto socket = server_folder::open(f)->socket();
        EXPECT_TRUE(socket.native().starts_with("/tmp/persais-db-"));
        EXPECT_EQ(co_await answer(server->url(), "select 1"), 1);
        co_await server->leave();
        EXPECT_FALSE(std::filesystem::exists(socket));
    }(folder));
}

TEST(embedded, data_of_another_major_version_is_refused_with_the_way_to_move_it) {
    temp_dir data;
    new_cluster(data.path());
    on_a_loop([](std::filesystem::path folder) -> awaitable<void> {
        auto server = co_await started(folder);
        co_await server->leave();
        std::ofstream(folder / "postgres/cluster/PG_VERSION") << "12\n";
        auto refused = co_await embedded::start(folder, postgres_binaries());
        EXPECT_FALSE(refused);
        if (refused) co_return;
        EXPECT_TRUE(refused.error().contains("was made by PostgreSQL 12")) << refused.error();
        EXPECT_TRUE(refused.error().contains("pg_dump")) << refused.error();
        EXPECT_EQ(refused.error().find('\n'), std::string::npos);
    }(data.path()));
}

TEST(embedded, what_is_missing_is_one_sentence) {
    temp_dir data;
    auto none = on_a_loop(embedded::start(data.path(), "/nonexistent"));
    EXPECT_FALSE(none);
    EXPECT_TRUE(none.error().contains("PERSAIS_POSTGRES"));
    auto file = data.path() / "file";
    std::ofstream(file) << "x";
    auto no_folder = on_a_loop(embedded::start(file / "data", postgres_binaries()));
    EXPECT_FALSE(no_folder);
    EXPECT_TRUE(no_folder.error().contains("cannot be used"));
}

TEST(embedded, a_start_that_fails_again_and_again_quotes_only_its_own_words) {
    temp_dir data;
    auto made = new_cluster(data.path());
    std::ofstream(made.folder.cluster() / "postgresql.conf", std::ios::app) << "\nno_such_setting = 1\n";
    for (int i = 0; i < 4; ++i) {
        auto refused = on_a_loop(embedded::start(data.path(), postgres_binaries()));
        ASSERT_FALSE(refused);
        auto said = refused.error();
        auto once = said.find("no_such_setting");
        ASSERT_NE(once, std::string::npos) << said;
        EXPECT_EQ(said.find("no_such_setting", once + 1), std::string::npos) << "start " << i << ": " << said;
        EXPECT_TRUE(said.contains("FATAL:")) << said;
        EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
}

TEST(embedded, a_half_made_cluster_is_made_anew) {
    temp_dir data;
    auto half = data.path() / "postgres/cluster.new-1-1";
    std::filesystem::create_directories(half);
    std::ofstream(half / "PG_VERSION") << "18\n";
    on_a_loop([](std::filesystem::path folder, std::filesystem::path left) -> awaitable<void> {
        auto server = co_await started(folder);
        EXPECT_FALSE(std::filesystem::exists(left));
        co_await server->leave();
    }(data.path(), half));
}

TEST(embedded, works_for_an_ordinary_user) {
    if (::geteuid() != 0) GTEST_SKIP() << "the other tests are this one";
    temp_dir folder;
    auto self = std::filesystem::read_symlink("/proc/self/exe");
    auto postgres = std::filesystem::canonical(postgres_binaries() / "bin/postgres");
    auto argv = run_as({65534, 65534, false}, {self, postgres});
    argv.insert(argv.end(),
                {"/usr/bin/env", "PERSAIS_POSTGRES=" + postgres_binaries().native(), self.native(),
                 "--gtest_filter=embedded.*half*:embedded.*killed_user*:embedded.a_server_that*:pool.binds*"});
    auto status = on_a_loop(finish_program({argv, folder.path() / "output", -1}, 120s));
    EXPECT_EQ(status, 0) << tail_of(folder.path() / "output", 4000);
}

} // namespace

} // namespace persais::pgserver
