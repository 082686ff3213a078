#pragma once
#include "pgserver/testing.hpp"

#include <fstream>
#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/ip/tcp.hpp>

/// For tests of any folder that need a transaction pooler.
namespace persais::pgserver::testing {

/// A PgBouncer with two server sessions in front of the tests' server, pool_mode=transaction.
class bouncer {
public:
    explicit bouncer(const cluster& server, std::string more = "") : server_(server) {
        asio::io_context io;
        asio::ip::tcp::acceptor taken(io, {asio::ip::address_v4::loopback(), 0});
        port_ = taken.local_endpoint().port();
        taken.close();
        std::ofstream(folder_.path() / "users") << "\"persais\" \"\"\n";
        std::ofstream(folder_.path() / "ini") << fmt::format(
            "[databases]\n* = host={} user=persais\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={}\n"
            "unix_socket_dir=\nauth_type=trust\nauth_file={}/users\npool_mode=transaction\ndefault_pool_size=2\n"
            "server_login_retry=1\n{}\n",
            server_.folder.socket().native(), port_, folder_.path().native(), more);
        start();
    }
    ~bouncer() { kill(); }
    bouncer(const bouncer&) = delete;

    void start() {
        auto argv = run_as(server_.user, {folder_.path() / "ini", server_.folder.socket() / "x"});
        argv.insert(argv.end(),
                    {"/usr/bin/setpriv", "--pdeathsig=KILL", "--", path(), (folder_.path() / "ini").native()});
        pid_ = start_program({argv, folder_.path() / "log", -1});
    }
    void kill() {
        if (pid_ < 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    std::string url(std::string_view database = "postgres") const {
        return fmt::format("postgresql://persais@localhost:{}/{}", port_, database);
    }
    static std::string path() { return "/usr/sbin/pgbouncer"; }

private:
    cluster server_;
    temp_dir folder_;
    unsigned short port_ = 0;
    pid_t pid_ = -1;
};

#define NEEDS_PGBOUNCER                                                                                                \
    if (!std::filesystem::exists(persais::pgserver::testing::bouncer::path()))                                         \
    GTEST_SKIP() << "this test needs the package pgbouncer"

} // namespace persais::pgserver::testing
