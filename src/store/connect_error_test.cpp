#include "store/connect_error.hpp"

#include <gtest/gtest.h>

namespace persais::store {

using namespace std::chrono_literals;

namespace {

const endpoint where{parse_conninfo(secret("postgresql://me:hush@db.example.net:5432/d"), 1s)};

std::string at(const std::string& words) {
    return "connection to server at \"db.example.net\" (192.0.2.1), port 5432 failed: " + words;
}

TEST(explained, says_what_is_wrong_and_what_to_do) {
    struct {
        std::string text, state, told;
    } rows[] = {
        {at("FATAL:  28P01: password authentication failed for user \"me\"\nLOCATION:  auth_failed, auth.c:1\n"),
         "28P01", "the server refuses the user or the password in DATABASE_URL"},
        {at("fe_sendauth: no password supplied\n"), "28P01",
         "the server refuses the user or the password in DATABASE_URL"},
        {at("FATAL:  28000: no pg_hba.conf entry for host \"192.0.2.9\", user \"me\", database \"d\", no encryption\n"),
         "28000",
         "the server refuses the user in DATABASE_URL: no pg_hba.conf entry for host \"192.0.2.9\", user \"me\", "
         "database "
         "\"d\", no encryption"},
        {at("FATAL:  3D000: database \"d\" does not exist\n"), "3D000",
         "the server has no database of the name in DATABASE_URL: create it, or correct the name"},
        {at("FATAL:  08P01: no such database: d\n"), "3D000",
         "the server has no database of the name in DATABASE_URL: create it, or correct the name"},
        {at("FATAL:  57P03: the database system is starting up\n"), "57P03",
         "the server is starting or stopping (the database system is starting up)"},
        {at("FATAL:  42704: unrecognized configuration parameter \"nonsense\"\nLOCATION:  x, guc.c:1\n"), "08001",
         "the server does not take what DATABASE_URL says: unrecognized configuration parameter \"nonsense\""},
        {at("FATAL:  08P01: unsupported startup parameter: options\n"), "08001",
         "the server does not take what DATABASE_URL says: unsupported startup parameter: options"},
        {"invalid sslmode value: \"maybe\"\n", "08001",
         "the server does not take what DATABASE_URL says: invalid sslmode value: \"maybe\""},
        {at("FATAL:  42501: permission denied for database \"d\"\n"), "28000",
         "the server refuses the user in DATABASE_URL: permission denied for database \"d\""},
        {at("Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n"), "08006",
         "nothing answers at db.example.net, the host in DATABASE_URL: Connection refused"},
        {"", "08006", "the server in DATABASE_URL cannot be reached: the connection was lost"},
    };
    for (const auto& row : rows) {
        auto e = explained(row.text, where);
        EXPECT_EQ(e.sqlstate, row.state) << row.text;
        EXPECT_EQ(std::string(e.what()), row.told);
    }
}

TEST(explained, counts_as_hopeless_only_what_waiting_does_not_mend) {
    for (auto words :
         {"FATAL:  28P01: password authentication failed\n", "FATAL:  3D000: database \"d\" does not exist\n",
          "SSL error: certificate verify failed\n",
          "server certificate for \"x\" does not match host name \"db.example.net\"\n",
          "server does not support SSL, but SSL was required\n",
          "channel binding required, but server did not offer an authentication method that supports it\n"})
        EXPECT_TRUE(explained(at(words), where).hopeless()) << words;
    for (auto words :
         {"FATAL:  53300: sorry, too many clients already\n", "FATAL:  57P03: the database system is starting up\n",
          "FATAL:  08P01: server login has been failing, try again later (server_login_retry)\n",
          "FATAL:  08P01: no more connections allowed (max_client_conn)\n", "Connection timed out\n"})
        EXPECT_FALSE(explained(at(words), where).hopeless()) << words;
}

TEST(explained, names_the_host_and_never_the_password) {
    EXPECT_EQ(std::string(unknown_host("Host not found", where).what()),
              "db.example.net, the host in DATABASE_URL, is not found (Host not found)");
    EXPECT_EQ(std::string(no_answer(15s, where).what()),
              "db.example.net, the host in DATABASE_URL, gave no answer within 15 s");
    for (auto words : {"FATAL:  28000: user \"me\" showed hush, which is not right\n",
                       "certificate of hush does not match host name\n", "could not translate hush\n",
                       "Connection refused by hush\n"}) {
        std::string told = explained(at(words), where).what();
        EXPECT_FALSE(told.contains("hush")) << told;
        EXPECT_TRUE(told.contains("***")) << told;
    }
    endpoint socket{parse_conninfo(secret("postgresql:///d?host=/run/x"), 1s), ""};
    EXPECT_EQ(std::string(no_answer(1500ms, socket).what()),
              "the embedded database at /run/x gave no answer within 1.5 s");
}

TEST(parse_conninfo, keeps_passwords_apart_from_what_may_be_shown) {
    auto info = parse_conninfo(secret("postgresql://me:hush@db.example.net/d?sslpassword=still"), 1s);
    EXPECT_EQ(info.secrets,
              (std::map<std::string, secret>{{"password", secret("hush")}, {"sslpassword", secret("still")}}));
    EXPECT_EQ(info.words["user"], "me");
    for (const auto& [keyword, value] : info.words)
        EXPECT_FALSE(value.contains("hush") || value.contains("still")) << keyword;
}

TEST(pooler_gave_up, is_told_from_a_connection_that_broke) {
    EXPECT_TRUE(pooler_gave_up("08P01", "server login has been failing, try again later (server_login_retry)"));
    EXPECT_TRUE(pooler_gave_up("08P01", "query_wait_timeout"));
    EXPECT_FALSE(pooler_gave_up("08P01", "server conn crashed?"));
    EXPECT_FALSE(pooler_gave_up("57P01", "terminating connection due to administrator command"));
}

} // namespace

} // namespace persais::store
