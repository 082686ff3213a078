// A confined program with a network of its own. When run as root and as an ordinary user, these test the two ways in
// which the keeper makes it.
#include "sandbox/choose.hpp"
#include "sandbox/testing.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace persais::sandbox {
namespace {

using namespace testing;

class network : public ::testing::Test {
protected:
    void SetUp() override {
        auto chosen = on_a_loop(choose(false));
        if (chosen.use->level() != isolation_level::bubblewrap) GTEST_SKIP() << chosen.why; // confined_test decides
        backend_ = std::move(chosen.use);
        for (const auto& part : {seen_.tree, seen_.home}) {
            std::filesystem::create_directory(part);
            backend_->hand_over(part, seen_.slot);
        }
    }
    child_result confined_run(child_spec spec) { return run(backend_->confine(std::move(spec), seen_)); }

    temp_dir folder_;
    std::unique_ptr<backend> backend_;
    view seen_{.tree = folder_.path() / "tree", .home = folder_.path() / "home"};
};

/// Listens on the host's loopback and at an abstract name, which is padded with NUL.
struct host_sockets {
    host_sockets() {
        sockaddr_in at{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        socklen_t size = sizeof at;
        EXPECT_EQ(::bind(tcp.get(), reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
        EXPECT_EQ(::getsockname(tcp.get(), reinterpret_cast<sockaddr*>(&at), &size), 0);
        port = std::to_string(ntohs(at.sin_port));
        sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
        ("persais-abstract-" + std::to_string(::getpid())).copy(name.sun_path + 1, sizeof name.sun_path - 2);
        EXPECT_EQ(::bind(abstract.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
        EXPECT_EQ(::listen(tcp.get(), 8), 0);
        EXPECT_EQ(::listen(abstract.get(), 8), 0);
    }
    owned_fd tcp{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    owned_fd abstract{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    std::string port;
};

/// What a program sends into a network of its own arrives at sockets of this process, and nowhere else.
TEST_F(network, has_a_network_whose_sockets_are_ours) {
    host_sockets host;
    std::vector<owned_fd> sockets;
    auto own = std::make_shared<own_network>(
        own_network{.address = "198.18.0.1",
                    .mask = "255.254.0.0",
                    .listen = "udp:198.18.0.1:53,tcp:0.0.0.0:443,tcp:198.18.0.1:3128",
                    .take = [&](std::vector<owned_fd> all) { sockets = std::move(all); }});
    auto spec =
        program({"/usr/bin/python3", "-c",
                 "import socket, sys\n"
                 "def reach(family, to):\n"
                 "  try:\n"
                 "    s = socket.socket(family); s.settimeout(2); s.connect(to); return 'reached'\n"
                 "  except OSError as e: return type(e).__name__\n"
                 "print(reach(2, ('198.18.7.9', 443)), reach(2, ('127.0.0.1', 443)), reach(2, ('198.18.0.1', 3128)))\n"
                 "print(reach(2, ('127.0.0.1', " +
                     host.port + ")), reach(1, '\\0persais-abstract-" + std::to_string(::getpid()) +
                     "'.ljust(108, '\\0')), reach(2, ('169.254.169.254', 80)), reach(2, ('192.0.2.1', 443)), "
                     "reach(10, ('::1', 443)))\n"
                     "print(open('/etc/resolv.conf').read())"});
    spec.network = own;
    auto result = confined_run(spec);
    EXPECT_EQ(result.output, "reached reached reached\n"
                             "ConnectionRefusedError ConnectionRefusedError OSError OSError ConnectionRefusedError\n"
                             "nameserver 198.18.0.1\n\n")
        << result.error;
    ASSERT_EQ(sockets.size(), 3U);
    sockaddr_in to{};
    socklen_t length = sizeof to;
    owned_fd first(::accept(sockets[1].get(), nullptr, nullptr));
    ASSERT_TRUE(first);
    ASSERT_EQ(::getsockname(first.get(), reinterpret_cast<sockaddr*>(&to), &length), 0);
    char text[INET_ADDRSTRLEN];
    EXPECT_STREQ(::inet_ntop(AF_INET, &to.sin_addr, text, sizeof text), "198.18.7.9");
}

TEST_F(network, does_not_start_without_the_network_that_it_was_to_have) {
    auto spec = shell("echo started");
    spec.network = std::make_shared<own_network>(own_network{
        .address = "198.18.0.1", .mask = "255.254.0.0", .listen = "tcp:203.0.113.1:443", .take = [](auto) { FAIL(); }});
    auto result = confined_run(spec);
    EXPECT_EQ(result.how, ended::could_not_start);
    EXPECT_EQ(result.code, EADDRNOTAVAIL);
    EXPECT_EQ(result.output, "");
}

} // namespace
} // namespace persais::sandbox
