// What people paste as a key and as known hosts. The keys are made here, with ssh-keygen.
#include "base/limits.hpp"
#include "base/private_key.hpp"
#include "git/ssh.hpp"
#include "git/ssh_settings.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

std::string made_key(const fs::path& folder, const std::string& words) {
    shell(folder, "ssh-keygen -q -f key " + words);
    return read(folder / "key");
}

std::string replaced(std::string s, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size())
        s.replace(at, from.size(), to);
    return s;
}

std::string wrong_with(const std::string& key) {
    auto usable = usable_key(tidy_key(secret(key)));
    return usable ? "" : usable.error();
}

} // namespace

TEST(ssh_key, is_the_same_however_it_was_pasted) {
    for (const char* kind :
         {"-t ed25519 -N ''", "-t rsa -b 2048 -N ''", "-t rsa -b 2048 -N '' -m PEM", "-t ecdsa -N '' -m PKCS8"}) {
        open_temp_dir folder;
        auto key = made_key(folder.path(), kind);
        auto shown = on_a_loop(fingerprint(secret(key), folder.path()));
        EXPECT_TRUE(shown.starts_with("SHA256:")) << kind;
        auto cut = key.substr(0, key.size() - 1);
        for (const auto& pasted :
             {key, cut, "\n " + key + "\n\n", replaced(key, "\n", "\r\n"), replaced(key, "\n", "\\n"),
              replaced(cut, "\n", "\\r\\n"), "\"" + replaced(key, "\n", "\\n") + "\"", "'" + cut + "'",
              replaced(cut, "\n", " "), "  " + replaced(key, "\n", "\n  ")}) {
            EXPECT_EQ(tidy_key(secret(pasted)), key) << kind;
            EXPECT_EQ(wrong_with(pasted), "") << kind;
            EXPECT_EQ(on_a_loop(fingerprint(tidy_key(secret(pasted)), folder.path())), shown) << kind;
        }
    }
    EXPECT_EQ(tidy_key(secret("")), "");
    EXPECT_EQ(tidy_key(secret(" \n")), "");
}

TEST(ssh_key, with_a_passphrase_is_known_by_its_form) {
    for (const char* kind : {"-t ed25519 -N word1", "-t rsa -b 2048 -N word1", "-t rsa -b 2048 -N word1 -m PEM",
                             "-t ecdsa -N word1 -m PKCS8"}) {
        open_temp_dir folder;
        auto why = wrong_with(made_key(folder.path(), kind));
        EXPECT_NE(why.find("has a passphrase"), std::string::npos) << kind << ": " << why;
        EXPECT_NE(why.find("GIT_SSH_KEY"), std::string::npos) << why;
    }
}

TEST(ssh_key, that_is_none_says_what_it_is_and_is_not_shown) {
    open_temp_dir folder;
    auto key = made_key(folder.path(), "-t ed25519 -N ''");
    auto open = read(folder.path() / "key.pub");
    EXPECT_NE(wrong_with(open).find("public key"), std::string::npos) << wrong_with(open);
    EXPECT_EQ(wrong_with(open).find("AAAA"), std::string::npos);
    EXPECT_NE(wrong_with("PuTTY-User-Key-File-3: ssh-ed25519\n").find("puttygen"), std::string::npos);
    for (const std::string& other :
         {std::string("/root/.ssh/id_ed25519"), std::string("some words"), key.substr(0, key.size() / 2),
          key.substr(40), std::string("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----")}) {
        EXPECT_NE(wrong_with(other).find("no private key"), std::string::npos) << wrong_with(other);
        EXPECT_EQ(wrong_with(other).find("id_ed25519"), std::string::npos);
    }
    EXPECT_EQ(on_a_loop(fingerprint(secret(key.substr(0, 60)), folder.path())), "");
}

TEST(known_hosts, are_lines_or_a_file_or_what_the_forges_publish) {
    open_temp_dir folder;
    const std::string line = "git.example.org ssh-ed25519 AAAA";
    EXPECT_EQ(known_host_lines(line), line + "\n");
    EXPECT_EQ(known_host_lines("\"" + line + "\\n" + line + "\""), line + "\n" + line + "\n");
    write(folder.path() / "hosts", line + "\n");
    EXPECT_EQ(known_host_lines((folder.path() / "hosts").string()), line + "\n");
    EXPECT_EQ(known_host_lines(""), std::string(published_host_keys()));
    auto none = known_host_lines((folder.path() / "absent").string());
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().find("absent"), std::string::npos) << none.error();
    EXPECT_NE(none.error().find("GIT_SSH_KNOWN_HOSTS"), std::string::npos) << none.error();
    EXPECT_FALSE(known_host_lines("github.com"));
    EXPECT_FALSE(known_host_lines(folder.path().string()));
    write(folder.path() / "large", std::string(limits::settings_file_bytes + 1, '#'));
    EXPECT_FALSE(known_host_lines((folder.path() / "large").string()));
}

TEST(known_hosts, that_are_built_in_have_the_fingerprints_that_the_forges_publish) {
    open_temp_dir folder;
    write(folder.path() / "hosts", published_host_keys());
    // These are copied from the pages that host_keys.cpp names, not computed from the keys.
    EXPECT_EQ(shell(folder.path(), "ssh-keygen -l -f hosts | cut -d' ' -f2-"),
              "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU github.com,[ssh.github.com]:443 (ED25519)\n"
              "SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM github.com,[ssh.github.com]:443 (ECDSA)\n"
              "SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s github.com,[ssh.github.com]:443 (RSA)\n"
              "SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8 gitlab.com (ED25519)\n"
              "SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw gitlab.com (ECDSA)\n"
              "SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ gitlab.com (RSA)\n"
              "SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM bitbucket.org (ED25519)\n"
              "SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0 bitbucket.org (ECDSA)\n"
              "SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E bitbucket.org (RSA)\n"
              "SHA256:mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g codeberg.org (ED25519)\n"
              "SHA256:T9FYDEHELhVkulEKKwge5aVhVTbqCW0MIRwAfpARs/E codeberg.org (ECDSA)\n"
              "SHA256:6QQmYi4ppFS4/+zSZ5S4IU+4sa6rwvQ4PbhCtPEBekQ codeberg.org (RSA)\n"
              "SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og ssh.dev.azure.com (RSA)");
}
