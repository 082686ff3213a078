#include "pgserver/raw_server.hpp"
#include "pgserver/testing_neon.hpp"
#include "store/limits.hpp"
#include "store/tls.hpp"

namespace persais::store {

using namespace pgserver::testing;
using namespace std::chrono_literals;

namespace {

std::map<std::string, std::string> secured(const std::string& url, const std::string& ca_file = "/ca") {
    auto info = parse_conninfo(secret(url), 1s);
    secure(info, ca_file);
    return info.words;
}

TEST(secure, verifies_what_is_not_near_unless_the_address_says_otherwise) {
    for (auto url :
         {"postgresql://db.example.net/d", "postgresql://8.8.8.8/d", "postgresql://localhost,db.example.net/d",
          "postgresql://ep-a.eu.aws.neon.tech/d?sslmode=require&channel_binding=require",
          "postgresql://db.example.net/d?sslmode=verify-full&sslrootcert=system"}) {
        EXPECT_EQ(secured(url)["sslmode"], "verify-full") << url;
        EXPECT_EQ(secured(url)["sslrootcert"], "/ca") << url;
    }
    for (auto url : {"postgresql:///d?host=/run/x", "postgresql://postgres/d", "postgresql://127.0.0.1/d",
                     "postgresql://192.168.3.4/d", "postgresql://db.internal/d"})
        EXPECT_EQ(secured(url)["sslmode"], "") << url;
    for (auto mode : {"disable", "prefer", "require"}) {
        auto info = secured(fmt::format("postgresql://db.example.net/d?sslmode={}", mode));
        EXPECT_EQ(info["sslmode"], mode);
        EXPECT_EQ(info["sslrootcert"], "");
    }
    EXPECT_EQ(secured("postgresql://db.example.net/d?sslrootcert=/own")["sslrootcert"], "/own");
    EXPECT_TRUE(std::filesystem::exists(secured("postgresql://db.example.net/d", "")["sslrootcert"]))
        << "the package ca-certificates is needed";
}

struct outcome {
    std::string state, words;
    pool_status status;
};

outcome tried(pool_options options) {
    return on_a_loop([](pool_options o) -> awaitable<outcome> {
        pool db(co_await asio::this_coro::executor, o);
        outcome how;
        try {
            co_await db.query("select 1");
        } catch (const db_error& e) {
            how.state = e.sqlstate;
            how.words = e.what();
        }
        how.status = db.status();
        co_return how;
    }(std::move(options)));
}

const pgserver::cluster& server() {
    return scratch_server::shared().what();
}

TEST(tls, a_server_with_the_right_certificate_is_used) {
    authority known;
    neon n(server(), {.tls = known.certificate("db.example.net")});
    auto how = tried({.url = secret(n.url("db.example.net", "")), .ca_file = known.file()});
    EXPECT_EQ(how.words, "");
    EXPECT_TRUE(how.status.encrypted && how.status.verified);
}

TEST(tls, a_server_that_is_not_proved_gets_nothing) {
    authority known, unknown;
    struct {
        const char* what;
        authority::pair shown;
        const char* told;
    } cases[] = {{"wrong host", known.certificate("other.example.net"), "does not match host name"},
                 {"expired", known.certificate("db.example.net", -1), "expired"},
                 {"another authority", unknown.certificate("db.example.net"), "self-signed"}};
    for (const auto& c : cases) {
        neon n(server(), {.tls = c.shown});
        auto before = std::chrono::steady_clock::now();
        auto how = tried({.url = secret(n.url("db.example.net", "")), .ca_file = known.file()});
        EXPECT_EQ(how.state, "08001") << c.what;
        EXPECT_TRUE(how.words.contains(c.told)) << how.words;
        EXPECT_TRUE(how.words.contains("DATABASE_URL")) << how.words;
        EXPECT_EQ(n.count("connections"), 0) << c.what << ": not even the user's name";
        EXPECT_LT(std::chrono::steady_clock::now() - before, limits::db_absent) << "waiting does not mend it";
    }
}

TEST(tls, a_server_without_it_gets_nothing_either) {
    neon n(server());
    auto how = tried({.url = secret(n.url("db.example.net", ""))});
    EXPECT_EQ(how.state, "08001");
    EXPECT_TRUE(how.words.contains("does not offer TLS")) << how.words;
    EXPECT_EQ(n.count("connections"), 0);
    EXPECT_EQ(tried({.url = secret(n.url("db.example.net", "&sslmode=disable"))}).words, "");
}

TEST(tls, a_missing_file_of_authorities_is_said) {
    authority known;
    neon n(server(), {.tls = known.certificate("db.example.net")});
    auto how = tried({.url = secret(n.url("db.example.net", "")), .ca_file = "/nonexistent/ca.pem"});
    EXPECT_EQ(how.state, "08001");
    EXPECT_TRUE(how.words.contains("/nonexistent/ca.pem") && how.words.contains("SSL_CERT_FILE")) << how.words;
}

TEST(tls, require_proves_neon_and_encrypts_the_others) {
    authority known, unknown;
    neon n(server(), {.tls = unknown.certificate("ep-test.eu.aws.neon.tech")});
    EXPECT_EQ(
        tried({.url = secret(n.url("ep-test.eu.aws.neon.tech", "&sslmode=require")), .ca_file = known.file()}).state,
        "08001");
    auto how = tried({.url = secret(n.url("ep-test.eu.aws.neon.tech", "&sslmode=require")), .ca_file = unknown.file()});
    EXPECT_TRUE(how.words.empty() && how.status.verified) << how.words;
    how = tried({.url = secret(n.url("db.example.net", "&sslmode=require")), .ca_file = known.file()});
    EXPECT_TRUE(how.words.empty() && how.status.encrypted && !how.status.verified) << how.words;
}

TEST(tls, channel_binding_is_demanded_when_the_address_says_so) {
    authority known;
    auto shown = known.certificate("ep-test.eu.aws.neon.tech");
    std::string more = "&sslmode=require&channel_binding=require", user = "persais:open%20sesame";
    neon bound(server(), {.password = "open sesame", .tls = shown});
    auto how = tried({.url = secret(bound.url("ep-test.eu.aws.neon.tech", more, user)), .ca_file = known.file()});
    EXPECT_EQ(how.words, "");
    neon unbound(server(), {.password = "open sesame", .tls = shown, .binding = false});
    how = tried({.url = secret(unbound.url("ep-test.eu.aws.neon.tech", more, user)), .ca_file = known.file()});
    EXPECT_EQ(how.state, "08001");
    EXPECT_TRUE(how.words.contains("channel_binding=require")) << how.words;
    how = tried(
        {.url = secret(unbound.url("ep-test.eu.aws.neon.tech", "&sslmode=require", user)), .ca_file = known.file()});
    EXPECT_EQ(how.words, "");
}

} // namespace

} // namespace persais::store
