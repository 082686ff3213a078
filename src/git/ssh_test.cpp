// Tests against a real sshd with the real git-shell (tests/fakes/sshd).
#include "git/ssh_testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

} // namespace

TEST(ssh, with_the_key_work_goes_both_ways_and_the_key_is_written_nowhere) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto m = s.of(s.where());
    auto fresh = on_a_loop(m.refresh());
    ASSERT_TRUE(fresh) << sentence(fresh);
    EXPECT_EQ(*on_a_loop(m.commit_of("main")), s.made);
    EXPECT_EQ(*on_a_loop(m.base_branch({})), "main");
    auto pushed = on_a_loop(m.push("mechanic/1-x", s.made, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_EQ(s.branch("mechanic/1-x"), s.made);
    EXPECT_TRUE(on_a_loop(m.push("mechanic/1-x", s.made, {}))->already_there);
    auto theirs = shell(s.folder.path() / "person", "git push -q ../root/team.git HEAD:main; git rev-parse HEAD");
    ASSERT_TRUE(on_a_loop(m.refresh()));
    EXPECT_EQ(*on_a_loop(m.commit_of("main")), theirs);
    ASSERT_TRUE(on_a_loop(m.make_tree(s.folder.path() / "tree", s.made)));
    auto line = shell(s.folder.path(), "sed -n 3p ssh/writer");
    ASSERT_GT(line.size(), 20U);
    EXPECT_EQ(shell(s.folder.path(), "grep -rlF '" + line + "' . || echo nowhere"), "./ssh/writer");
    EXPECT_EQ(shell(s.folder.path(), "grep -rlF 127.0.0.1 mirrors tree || echo nowhere"), "nowhere");
}

TEST(ssh, a_path_of_the_short_form_begins_at_the_users_home) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto where = s.where();
    where.url = "[" + s.authority() + "]:team.git";
    auto fresh = on_a_loop(s.of(where).refresh());
    EXPECT_TRUE(fresh) << sentence(fresh);
    where.url = "[" + s.authority() + "]:" + (s.folder.path() / "root/team.git").string();
    EXPECT_TRUE(on_a_loop(s.of(where).refresh()));
}

TEST(ssh, a_key_and_known_hosts_of_one_line_do_too) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto where = s.where();
    std::string line;
    for (char c : where.ssh_key.reveal())
        line += c == '\n' ? std::string("\\n") : std::string(1, c);
    where.ssh_key = secret(line);
    where.known_hosts = read(s.ours("known_hosts"));
    auto fresh = on_a_loop(s.of(where).refresh());
    EXPECT_TRUE(fresh) << sentence(fresh);
}

TEST(ssh, who_may_only_read_cannot_push_and_is_told_so) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto m = s.of(s.where("reader"));
    auto fresh = on_a_loop(m.refresh());
    ASSERT_TRUE(fresh) << sentence(fresh);
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::no_push);
    EXPECT_TRUE(has(pushed.error().sentence, "right to write")) << pushed.error().sentence;
    EXPECT_TRUE(has(pushed.error().sentence, s.fingerprint_of("reader"))) << pushed.error().sentence;
    EXPECT_EQ(s.branch("b"), "none");
}

TEST(ssh, a_key_that_the_host_does_not_know_is_named_by_its_fingerprint) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto why = s.refused(s.where("stranger"));
    EXPECT_EQ(why.kind, error_kind::no_read);
    EXPECT_TRUE(has(why.sentence, "does not accept the key " + s.fingerprint_of("stranger"))) << why.sentence;
    auto damaged = s.where();
    auto key = damaged.ssh_key.reveal();
    key[key.size() / 2] ^= 1;
    damaged.ssh_key = secret(key.erase(key.size() / 2 + 1, 3));
    why = s.refused(damaged);
    EXPECT_EQ(why.kind, error_kind::no_read);
    EXPECT_TRUE(has(why.sentence, "cannot read GIT_SSH_KEY")) << why.sentence;
}

TEST(ssh, a_host_that_is_not_known_gets_nothing_and_the_line_to_check_is_told) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    for (std::string hosts : {std::string(), std::string("example.org ssh-ed25519 AAAA")}) {
        auto where = s.where();
        where.known_hosts = hosts;
        auto why = s.refused(where);
        EXPECT_EQ(why.kind, error_kind::network);
        EXPECT_TRUE(has(why.sentence, "is not known")) << why.sentence;
        EXPECT_TRUE(has(why.sentence, "ssh-keyscan -p " + s.port() + " 127.0.0.1")) << why.sentence;
        EXPECT_TRUE(has(why.sentence, "GIT_SSH_KNOWN_HOSTS")) << why.sentence;
    }
    EXPECT_FALSE(has(s.log(), "publickey")) << s.log();
}

TEST(ssh, a_host_with_another_key_than_the_known_one_gets_nothing) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto where = s.where();
    where.known_hosts = "[127.0.0.1]:" + s.port() + " " + read(s.ours("stranger.pub"));
    auto why = s.refused(where);
    EXPECT_EQ(why.kind, error_kind::network);
    EXPECT_TRUE(has(why.sentence, "another host key than the known one, " + s.fingerprint_of("host"))) << why.sentence;
    EXPECT_TRUE(has(why.sentence, "ssh-keyscan")) << why.sentence;
    where.known_hosts = "@revoked * " + read(s.ours("host.pub"));
    EXPECT_TRUE(has(s.refused(where).sentence, "revoked")) << s.refused(where).sentence;
    EXPECT_FALSE(has(s.log(), "publickey")) << s.log();
}

TEST(ssh, a_repository_that_is_not_there_is_not_found) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto why = s.refused(s.where("writer", "absent.git"));
    EXPECT_EQ(why.kind, error_kind::not_found) << why.sentence;
    EXPECT_TRUE(has(why.sentence, "/absent.git")) << why.sentence;
}

TEST(ssh, a_protected_branch_says_what_the_host_said) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto hook = s.folder.path() / "root/team.git/hooks/pre-receive";
    write(hook, "#!/bin/sh\necho 'GitLab: You are not allowed to push code to protected branches.'\nexit 1\n");
    fs::permissions(hook, fs::perms(0755));
    auto m = s.of(s.where());
    ASSERT_TRUE(on_a_loop(m.refresh()));
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::protected_branch);
    EXPECT_TRUE(has(pushed.error().sentence, "protected branches")) << pushed.error().sentence;
    EXPECT_TRUE(has(pushed.error().sentence, "key's owner")) << pushed.error().sentence;
}

TEST(ssh, a_branch_that_moved_is_left_alone) {
    ssh_served s;
    SKIP_WITHOUT_SSHD(s);
    auto m = s.of(s.where());
    ASSERT_TRUE(on_a_loop(m.refresh()));
    auto theirs = shell(s.folder.path() / "person", "git push -q ../root/team.git HEAD:b; git rev-parse HEAD");
    auto pushed = on_a_loop(m.push("b", s.made, {}));
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().kind, error_kind::moved);
    EXPECT_EQ(s.branch("b"), theirs);
}

TEST(ssh, a_host_that_is_down_or_speaks_outdated_algorithms_is_the_network) {
    ssh_served s({"--host-key", "rsa", "--option", "HostKeyAlgorithms ssh-rsa"});
    SKIP_WITHOUT_SSHD(s);
    auto old = s.refused(s.where());
    EXPECT_EQ(old.kind, error_kind::network);
    EXPECT_TRUE(has(old.sentence, "given up as unsafe")) << old.sentence;
    EXPECT_TRUE(has(old.sentence, "ssh-rsa")) << old.sentence;
    s.sshd.stop();
    auto down = s.refused(s.where());
    EXPECT_EQ(down.kind, error_kind::network);
    EXPECT_TRUE(has(down.sentence, "cannot be reached")) << down.sentence;
    EXPECT_TRUE(has(down.sentence, "refused")) << down.sentence;
}
