#include "git/branches.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

struct far_branches : ::testing::Test {
    open_temp_dir folder;
    fs::path bare = folder.path() / "remote.git", person = folder.path() / "person";
    remote where{.url = bare.string()};

    far_branches() { made("sha1"); }
    void made(const std::string& format) {
        shell(folder.path(), "rm -rf remote.git person; git init -q --bare --object-format=" + format +
                                 " remote.git; git init -q --object-format=" + format +
                                 " person; cd person; git commit -q --allow-empty -m first; git push -q "
                                 "../remote.git HEAD:refs/heads/main");
    }
    /// A new commit of somebody on this branch.
    commit_id pushed(const std::string& branch) {
        return shell(person, "git commit -q --allow-empty -m more; git push -q -f ../remote.git HEAD:refs/heads/'" +
                                 branch + "'; git rev-parse HEAD");
    }
    std::map<std::string, commit_id> there() {
        auto seen = on_a_loop(branches_of(where));
        EXPECT_TRUE(seen) << sentence(seen);
        return seen.value_or(std::map<std::string, commit_id>{});
    }
    outcome<void> gone(const std::string& branch, const commit_id& at) {
        return on_a_loop(delete_branch(where, branch, at));
    }
    std::string refs() { return shell(bare, "git for-each-ref --format='%(refname)'"); }
};

} // namespace

TEST_F(far_branches, are_told_without_tags_and_without_other_refs) {
    auto at = pushed("persais/7-mend");
    shell(person, "git tag v1; git push -q ../remote.git v1 HEAD:refs/notes/n HEAD:refs/pull/1/head");
    auto seen = there();
    EXPECT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.at("persais/7-mend"), at);
    EXPECT_TRUE(seen.contains("main"));
}

TEST_F(far_branches, of_a_remote_without_any_commit_are_none) {
    shell(folder.path(), "rm -rf remote.git; git init -q --bare remote.git");
    EXPECT_TRUE(there().empty());
    EXPECT_TRUE(gone("persais/7", std::string(40, 'a'))) << "it is not there";
}

TEST_F(far_branches, a_branch_goes_and_nothing_beside_it) {
    auto at = pushed("work");
    for (auto* beside : {"a/work", "work-2"})
        pushed(beside);
    shell(person, "git tag work " + at + "; git push -q ../remote.git refs/tags/work");
    EXPECT_TRUE(gone("work", at));
    EXPECT_EQ(refs(), "refs/heads/a/work\nrefs/heads/main\nrefs/heads/work-2\nrefs/tags/work");
    EXPECT_TRUE(gone("work", at)) << "a second run, after one that was killed, finds nothing to do";
    EXPECT_EQ(there().size(), 3U);
}

TEST_F(far_branches, one_that_git_cannot_tell_from_another_stays_with_it) {
    auto at = pushed("work");
    auto twin = pushed("refs/heads/work");
    auto done = gone("work", at);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().kind, error_kind::moved);
    EXPECT_EQ(there().at("work"), at);
    EXPECT_EQ(there().at("refs/heads/work"), twin);
}

TEST_F(far_branches, one_that_somebody_wrote_to_stays_and_that_is_said) {
    auto ours = pushed("persais/7-mend");
    auto theirs = pushed("persais/7-mend");
    auto done = gone("persais/7-mend", ours);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, error_kind::moved);
    EXPECT_TRUE(done.error().sentence.starts_with("The branch persais/7-mend on ")) << done.error().sentence;
    EXPECT_TRUE(done.error().sentence.contains("somebody else"));
    EXPECT_EQ(there().at("persais/7-mend"), theirs);
}

TEST_F(far_branches, one_that_was_put_back_to_an_older_commit_is_not_ours_either) {
    auto older = pushed("work");
    auto ours = pushed("work");
    shell(person, "git push -q -f ../remote.git " + older + ":refs/heads/work");
    EXPECT_FALSE(gone("work", ours));
    EXPECT_EQ(there().at("work"), older);
}

TEST_F(far_branches, a_commit_that_nobody_has_deletes_nothing) {
    auto at = pushed("work");
    EXPECT_FALSE(gone("work", std::string(40, '1')));
    EXPECT_EQ(there().at("work"), at);
}

TEST_F(far_branches, odd_names_are_names_and_no_options_patterns_or_scripts) {
    const std::vector<std::string> names{
        "-delete", "--all", "$(touch${IFS}owned)", "a;b", "a&b", "a|b", "правка/7", "a\"b", "100%", "@home", "+plus",
        "HEAD",    "{x}"};
    std::string script = "git push -q ../remote.git";
    for (const auto& name : names)
        script += " 'HEAD:refs/heads/" + name + "'";
    auto at = shell(person, script + "; git rev-parse HEAD");
    EXPECT_EQ(there().size(), names.size() + 1);
    for (const auto& name : names) {
        auto done = gone(name, at);
        EXPECT_TRUE(done) << name << ": " << sentence(done);
    }
    EXPECT_EQ(refs(), "refs/heads/main");
    EXPECT_EQ(shell(folder.path(), "find . -name owned"), "");
}

TEST_F(far_branches, a_name_that_no_branch_can_have_changes_nothing) {
    auto at = pushed("work");
    for (auto* name : {"", "work:refs/heads/main", "a b", "w*", "../main", "work^", "work.lock"}) {
        gone(name, at); // it may say that there is none
        EXPECT_EQ(refs(), "refs/heads/main\nrefs/heads/work") << name;
    }
}

TEST_F(far_branches, what_the_remote_refuses_is_told_and_stays) {
    auto at = pushed("main");
    auto done = gone("main", at); // where its HEAD points to
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().kind, error_kind::moved);
    EXPECT_FALSE(done.error().sentence.empty());
    EXPECT_EQ(there().at("main"), at);
    auto work = pushed("work");
    write(bare / "hooks/pre-receive", "#!/bin/sh\necho 'protected by the house' >&2\nexit 1\n");
    fs::permissions(bare / "hooks/pre-receive", fs::perms(0755));
    EXPECT_FALSE(gone("work", work));
    EXPECT_EQ(there().at("work"), work);
}

TEST_F(far_branches, a_remote_of_sha256_is_as_good) {
    made("sha256");
    auto at = pushed("work");
    EXPECT_EQ(at.size(), 64U);
    EXPECT_EQ(there().at("work"), at);
    auto later = pushed("work");
    EXPECT_FALSE(gone("work", at));
    auto done = gone("work", later);
    EXPECT_TRUE(done) << sentence(done);
    EXPECT_EQ(refs(), "refs/heads/main");
}

TEST_F(far_branches, a_remote_that_is_away_is_a_sentence_without_its_password) {
    for (std::string url : {(folder.path() / "nowhere.git").string(), std::string("http://me:hunter22@127.0.0.1:1/r"),
                            std::string("ssh://nobody.invalid/r.git"), std::string("ext::sh -c id"), std::string()}) {
        where = {.url = url};
        auto seen = on_a_loop(branches_of(where));
        ASSERT_FALSE(seen) << url;
        EXPECT_FALSE(sentence(seen).empty()) << url;
        EXPECT_FALSE(sentence(seen).contains("hunter22")) << sentence(seen);
        auto done = gone("work", std::string(40, 'a'));
        ASSERT_FALSE(done) << url << ": what cannot be asked is not taken for gone";
        EXPECT_FALSE(sentence(done).contains("hunter22")) << sentence(done);
    }
}
