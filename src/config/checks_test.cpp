#include "config/checks.hpp"

#include <initializer_list>

#include <gtest/gtest.h>

using namespace persais::config;

namespace {

using check = std::string (*)(std::string_view);

void takes(check is, std::initializer_list<const char*> values) {
    for (auto value : values)
        EXPECT_EQ(is(value), "") << value;
}

void refuses(check is, std::initializer_list<const char*> values) {
    for (auto value : values)
        EXPECT_NE(is(value), "") << value;
}

} // namespace

TEST(checks, http_addresses) {
    takes(http_url, {"https://openrouter.ai/api/v1", "http://localhost:11434/v1/", "http://[::1]:80"});
    refuses(http_url, {"openrouter.ai", "ftp://a", "https://", "https://a b", "https://me:pw@a/", "//a", "https:/a"});
}

TEST(checks, the_webhook_is_https_and_ends_where_we_listen) {
    takes(webhook_url, {"https://app.fly.dev/telegram/webhook", "https://a:8443/x/telegram/webhook"});
    refuses(webhook_url, {"http://a/telegram/webhook", "https://a/", "https://a/telegram/webhook/",
                          "https://a/telegram/webhook?x=1"});
}

TEST(checks, the_database_is_postgres) {
    takes(postgres_url, {"postgresql://user:pass@host:5432/persais", "postgres://h/db?sslmode=require",
                         "postgresql:///db?host=/run/x", "host=/run/x dbname=d"});
    refuses(postgres_url, {"mysql://h/db", "xxx", "localhost", "postgresql://user:p ss@h/db"});
    EXPECT_EQ(postgres_url("postgresql://u:hunter2@h:port/ x").find("hunter2"), std::string::npos);
}

TEST(checks, a_parameter_that_postgres_does_not_know_is_named_and_nothing_else_of_the_address) {
    EXPECT_EQ(postgres_url("postgresql://u:hunter2@h/d?sslmode=require&pgbouncer=true"),
              "PostgreSQL knows no parameter 'pgbouncer': take it out of the address");
    EXPECT_EQ(postgres_url("postgresql://u:hunter2@h/d?ssl=no"),
              "PostgreSQL knows no parameter 'ssl': take it out of the address, or say sslmode=…");
    EXPECT_EQ(postgres_url("host=h schema=public"),
              "PostgreSQL knows no parameter 'schema': take it out of the address");
    for (auto url : {"host=h password=one hunter2=x", "host=h password=one hunter2", "postgresql://u@h/d?hunter2",
                     "postgresql://u@h/d?sslmode=hunter2=x"}) {
        EXPECT_NE(postgres_url(url), "") << url;
        EXPECT_EQ(postgres_url(url).find("hunter2"), std::string::npos) << postgres_url(url);
    }
    takes(postgres_url, {"postgresql://h/d?ssl=true", "postgresql://h/d?channel_binding=require&options=-c%20a.b%3D1"});
}

TEST(checks, a_remote_is_https_ssh_or_a_path) {
    takes(git_url,
          {"https://github.com/user/repo.git", "http://127.0.0.1:8080/r.git", "ssh://git@host:22/r.git",
           "git@github.com:u/r.git", "/srv/r.git", "../r", "~/r", "file:///srv/r.git", "r.git", "/srv/with a:colon@x"});
    refuses(git_url, {"ext::sh -c id", "fd::7", "-uevil", "https://token@host/r.git", "https://u:p@host/r.git",
                      "git://host/r", "javascript://x", "https:///r", "host:path with blank"});
    for (auto url : {"https://me:hunter2@host/r.git", "odd://me:hunter2@host/r.git", "https://me:hunter2@ho st/"})
        EXPECT_EQ(git_url(url).find("hunter2"), std::string::npos) << url;
}

TEST(checks, a_token_is_one_word_and_no_placeholder) {
    takes(token, {"abc", "a:b-c_d", "xxxy"});
    refuses(token, {"xxx", "XXX", "xxxxxx", "a b", "a\nb", "a\r"});
    takes(key_text, {"line\nline"});
    refuses(key_text, {"xxx"});
    takes(webhook_secret, {"aZ9_-"});
    refuses(webhook_secret, {"a b", "ä", "xxx"});
    EXPECT_NE(webhook_secret(std::string(257, 'a')), "");
}

TEST(checks, backups_go_to_a_bucket_or_a_folder) {
    takes(backup_url, {"s3://ID:word@bucket/path", "/var/backups"});
    refuses(backup_url, {"s3://", "s3:///x", "s3://bucket/path", "backups", "https://x", "xxx"});
}

TEST(checks, addresses_to_listen_on) {
    takes(ip_address, {"0.0.0.0", "::", "127.0.0.1"});
    refuses(ip_address, {"localhost", "1.2.3", "[::]"});
    takes(ip_and_port, {"127.0.0.1:9090", "[::1]:0", "0.0.0.0:65535"});
    refuses(ip_and_port, {"9090", ":9090", "::1:9090", "127.0.0.1:", "127.0.0.1:65536", "[127.0.0.1]:1", "a:1"});
}

TEST(checks, what_git_takes_as_a_branch_a_name_and_an_address) {
    takes(branch, {"main", "release/1.2"});
    refuses(branch, {"-x", "a..b", "a b", "a.lock", "/a", "a/", "a//b", "a@{1}", "refs/heads/main", "a~1"});
    takes(person_name, {"Mechanic", "Der Mechaniker"});
    refuses(person_name, {"a<b", "a\nb"});
    takes(email, {"mechanic@persais.ai"});
    refuses(email, {"mechanic", "@x", "x@", "a b@c", "<a@b>"});
}

TEST(checks, json_and_headers) {
    takes(json_object, {"{}", R"({"order":["a"],"zdr":true})"});
    refuses(json_object, {"[]", "{", "1", "order=a"});
    takes(header_name, {"X-Version"});
    takes(json_pointer, {"/version", "/build/0/a~1b", "/"});
    refuses(json_pointer, {"version", "/a~b", "/a~"});
    takes(deploy_rules, {"team/app by=11,22 own=off approvals=2; * approvals=2", "*", ""});
    refuses(deploy_rules, {"team/app approvals=0", "team/app own=maybe", "team/app by=", "team/app for=11", "a; a"});
    refuses(header_name, {"X Version", "X:Y"});
    takes(word, {"anthropic/claude"});
    refuses(word, {"a b"});
}
