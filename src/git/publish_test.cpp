#include "git/testing.hpp"

#include <unistd.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

struct pushing : world {
    pushing() {
        EXPECT_TRUE(make_tree());
        agent("echo more >> a.txt");
        auto taken = import();
        EXPECT_TRUE(taken);
        if (taken) commit = taken->commit;
    }
    outcome<mirror::pushed> push(std::optional<commit_id> expected = {}) {
        return on_a_loop(mirrored.push("b", commit, expected));
    }
    /// Makes another person's commit, pushed to `branch`.
    commit_id other(const std::string& branch) {
        return shell(folder.path() / "person",
                     "git commit -q --allow-empty -m other; git push -q -f ../remote.git HEAD:" + branch +
                         "; git rev-parse HEAD");
    }
    std::string there() { return shell(remote_path(), "git rev-parse --verify -q b || echo none"); }
    commit_id commit;
};

} // namespace

TEST(push, never_takes_a_branch_of_somebody_else) {
    pushing w;
    auto theirs = w.other("b");
    for (auto expected : {std::optional<commit_id>{}, std::optional(w.base)}) {
        auto refused = w.push(expected);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, error_kind::moved);
        EXPECT_EQ(w.there(), theirs);
    }
}

TEST(push, replaces_exactly_what_it_expected) {
    pushing w;
    auto before = w.other("b");
    auto pushed = w.push(before);
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_EQ(w.there(), w.commit);
}

TEST(push, says_that_its_branch_was_deleted) {
    pushing w;
    auto refused = w.push(w.base);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::moved);
    EXPECT_NE(refused.error().sentence.find("deleted"), std::string::npos);
    EXPECT_EQ(w.there(), "none");
}

TEST(push, holds_the_lease_when_the_remote_moves_in_between) {
    pushing w;
    auto theirs = w.other("elsewhere");
    // The remote's own hook moves the branch after we have read it and before our update is written.
    write(w.remote_path() / "hooks/pre-receive",
          "#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/b " + theirs + "\n");
    fs::permissions(w.remote_path() / "hooks/pre-receive", fs::perms(0755));
    auto refused = w.push();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::moved) << refused.error().sentence;
    EXPECT_EQ(w.there(), theirs);
}

TEST(push, that_another_worker_won_with_the_same_bytes_is_done) {
    pushing w;
    ASSERT_TRUE(on_a_loop(w.mirrored.push("elsewhere", w.commit, {})));
    write(w.remote_path() / "hooks/pre-receive",
          "#!/bin/sh\nunset GIT_QUARANTINE_PATH\ngit update-ref refs/heads/b " + w.commit + "\n");
    fs::permissions(w.remote_path() / "hooks/pre-receive", fs::perms(0755));
    auto pushed = w.push();
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_TRUE(pushed->already_there);
}

TEST(push, that_failed_there_while_nobody_changed_the_branch_may_be_tried_again) {
    pushing w;
    shell(w.remote_path(), "mkdir -p refs/heads; touch refs/heads/b.lock"); // as after a failed write
    auto refused = w.push();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::network) << refused.error().sentence;
    shell(w.remote_path(), "rm refs/heads/b.lock");
    EXPECT_TRUE(w.push());
}

TEST(push, tells_what_the_remotes_own_rule_said) {
    pushing w;
    write(w.remote_path() / "hooks/pre-receive", "#!/bin/sh\necho no pushes on Fridays\nexit 1\n");
    fs::permissions(w.remote_path() / "hooks/pre-receive", fs::perms(0755));
    auto refused = w.push();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::protected_branch);
    EXPECT_NE(refused.error().sentence.find("no pushes on Fridays"), std::string::npos) << refused.error().sentence;
}

TEST(push, says_that_a_branch_stands_in_the_way) {
    pushing w;
    shell(w.folder.path() / "person", "git push -q ../remote.git HEAD:mechanic");
    auto refused = on_a_loop(w.mirrored.push("mechanic/7-x", w.commit, {}));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().sentence.find("stands in the way"), std::string::npos) << refused.error().sentence;
}

TEST(push, to_what_it_may_not_write_says_so) {
    if (::getuid() == 0) GTEST_SKIP() << "root may write everywhere";
    pushing w;
    shell(w.folder.path(), "chmod -R a-w remote.git");
    auto refused = w.push();
    shell(w.folder.path(), "chmod -R u+w remote.git");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::no_push) << refused.error().sentence;
}

TEST(push, to_a_remote_that_went_away_says_so) {
    pushing w;
    fs::rename(w.remote_path(), w.folder.path() / "gone");
    auto refused = w.push();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::not_found) << refused.error().sentence;
}

TEST(stands_at, knows_a_branch_that_somebody_moved_or_deleted) {
    pushing w;
    ASSERT_TRUE(w.push());
    auto look = [&](std::vector<commit_id> ours) {
        EXPECT_TRUE(on_a_loop(w.mirrored.refresh()));
        return on_a_loop(w.mirrored.stands_at("b", std::move(ours)));
    };
    EXPECT_TRUE(look({w.base, w.commit}));
    w.other("b");
    auto refused = look({w.base, w.commit});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::moved);
    EXPECT_NE(refused.error().sentence.find("somebody else"), std::string::npos);
    shell(w.remote_path(), "git update-ref -d refs/heads/b");
    refused = look({w.commit});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().sentence.find("deleted"), std::string::npos);
}
