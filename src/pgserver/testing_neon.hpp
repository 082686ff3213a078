#pragma once
#include "base/json.hpp"
#include "pgserver/testing.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

/// For tests of TLS, and tests against a database that behaves like Neon's (tests/fakes/neon).
namespace persais::pgserver::testing {

inline void must_run(std::vector<std::string> argv) {
    if (run_briefly(argv) != 0) throw std::runtime_error("does not run: " + argv[0] + " " + argv.at(1));
}

/// A certificate authority for one test, and certificates issued by it; openssl creates them on request.
class authority {
public:
    authority() {
        must_run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-keyout", in("ca.key"), "-out", in("ca.pem"), "-subj", "/CN=authority", "-days", "2"});
    }
    std::string file() const { return in("ca.pem"); }

    struct pair {
        std::string certificate, key;
    };
    /// `days`: -1 for an expired certificate.
    pair certificate(const std::string& host, int days = 2) {
        auto name = fmt::format("{}{}", host, days);
        pair made{in(name + ".pem"), in(name + ".key")};
        must_run({"/usr/bin/openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-keyout", made.key, "-out", in("csr"), "-subj", "/CN=server", "-addext",
                  "subjectAltName=DNS:" + host});
        must_run({"/usr/bin/openssl", "x509", "-req", "-in", in("csr"), "-CA", file(), "-CAkey", in("ca.key"), "-days",
                  std::to_string(days), "-copy_extensions", "copy", "-out", made.certificate});
        return made;
    }

private:
    std::string in(const std::string& name) const { return (folder_.path() / name).native(); }
    temp_dir folder_;
};

/// The fake in front of one of the tests' servers.
class neon {
public:
    struct options {
        std::string password; // empty: no password is required
        std::optional<authority::pair> tls;
        bool binding = true; // offers channel binding
        bool pooled = false; // refuses what a pooler refuses
    };
    explicit neon(const cluster& server) : neon(server, options()) {}
    neon(const cluster& server, const options& how) {
        std::vector<std::string> argv{"/usr/bin/setpriv",
                                      "--pdeathsig=KILL",
                                      "--",
                                      "/usr/bin/python3",
                                      "-B",
                                      PERSAIS_SOURCE_DIR "/tests/fakes/neon/serve.py",
                                      (server.folder.socket() / ".s.PGSQL.5432").native(),
                                      control().native()};
        if (!how.password.empty()) argv.insert(argv.end(), {"--password", how.password});
        if (how.tls) argv.insert(argv.end(), {"--tls", how.tls->certificate, how.tls->key});
        if (!how.binding) argv.emplace_back("--no-binding");
        if (how.pooled) argv.emplace_back("--pooled");
        pid_ = start_program({argv, folder_.path() / "log", -1});
        for (int i = 0; i < 3000 && !std::filesystem::exists(control()); ++i)
            ::usleep(10'000);
        port = order("status").at("port").to_number<int>();
    }
    ~neon() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    neon(const neon&) = delete;

    /// Sends one of the commands in tests/fakes/neon/README.md; blocks until it is carried out.
    boost::json::object order(const std::string& words) {
        asio::io_context io;
        asio::local::stream_protocol::socket talk(io);
        boost::system::error_code ec;
        for (int i = 0; i < 100; ++i) { // the port is bound a moment before it is listened on
            talk.connect(control().native(), ec);
            if (!ec) break;
            ::usleep(10'000);
        }
        if (ec) throw boost::system::system_error(ec, tail_of(folder_.path() / "log", 2000));
        asio::write(talk, asio::buffer(words + "\n"));
        std::string line;
        asio::read_until(talk, asio::dynamic_buffer(line), '\n');
        return boost::json::parse(line).as_object();
    }
    int count(const std::string& what) { return order("status").at(what).to_number<int>(); }

    /// `host` is only a name: the address is this machine's.
    std::string url(const std::string& host = "ep-test.eu.aws.neon.tech", const std::string& more = "&sslmode=disable",
                    const std::string& user = "persais") const {
        return fmt::format("postgresql://{}@{}:{}/postgres?hostaddr=127.0.0.1{}", user, host, port, more);
    }

    int port = 0;

private:
    std::filesystem::path control() const { return folder_.path() / "control"; }
    temp_dir folder_;
    pid_t pid_ = -1;
};

} // namespace persais::pgserver::testing
