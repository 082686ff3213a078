// What an agent can write in its tree must never be executed or trusted by our git (design.md D6).
#include "git/limits.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A backend without any sandbox: whatever git is made to execute has an effect on this machine.
class open_backend final : public sandbox::backend {
public:
    sandbox::isolation_level level() const override { return sandbox::isolation_level::unsafe; }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view&) const override { return spec; }
    void hand_over(const fs::path&, unsigned) const override {}
    std::string inside(const sandbox::view&, const fs::path& host) const override { return host; }
};

struct attack {
    const char* name;
    const char* prepare;   // by the agent; $MARK is the file to create
    const char* plain_git; // what a person would run, and what executes it
    std::vector<std::string> paths;
};

std::ostream& operator<<(std::ostream& out, const attack& a) {
    return out << a.name;
}

const attack attacks[] = {
    {"hooks",
     "mkdir -p .git/hooks; for h in pre-commit post-commit post-index-change reference-transaction post-checkout; do "
     "printf '#!/bin/sh\\ntouch %s\\n' $MARK > .git/hooks/$h; chmod 755 .git/hooks/$h; done",
     "git add -A && git commit -qm x",
     {"a.txt"}},
    {"hooks_path",
     "mkdir hk; printf '#!/bin/sh\\ntouch %s\\n' $MARK > hk/post-index-change; chmod 755 hk/post-index-change;"
     "git config core.hooksPath $HK/hk",
     "git add -A",
     {"a.txt", "hk/post-index-change"}},
    {"filter_clean",
     "echo '* filter=evil' > .gitattributes; git config filter.evil.clean \"touch $MARK; cat\"",
     "git add -A",
     {".gitattributes", "a.txt"}},
    {"filter_process",
     "echo '* filter=evil' > .gitattributes; git config filter.evil.process \"touch $MARK\"",
     "git add -A || :",
     {".gitattributes", "a.txt"}},
    {"textconv",
     "echo '* diff=evil' > .gitattributes; git config diff.evil.textconv \"touch $MARK; cat\"",
     "git diff",
     {".gitattributes", "a.txt"}},
    {"diff_command",
     "echo '* diff=evil' > .gitattributes; git config diff.evil.command \"touch $MARK; cat\"",
     "git diff || :",
     {".gitattributes", "a.txt"}},
    {"external_diff", "git config diff.external \"touch $MARK; cat\"", "git diff || :", {"a.txt"}},
    {"fsmonitor", "git config core.fsmonitor \"touch $MARK; false\"", "git status", {"a.txt"}},
    {"ssh_command",
     "git config core.sshCommand \"touch $MARK; false\"; git config remote.origin.url ssh://h/r",
     "git fetch origin || :",
     {"a.txt"}},
    {"gpg_program",
     "printf '#!/bin/sh\\ntouch %s\\n' $MARK > .git/g; chmod 755 .git/g; git config gpg.program $HK/.git/g;"
     "git config commit.gpgSign true",
     "git commit -qam x || :",
     {"a.txt"}},
    {"git_file_elsewhere",
     "git config core.fsmonitor \"touch $MARK; false\"; mv .git .other; echo 'gitdir: .other' > .git;"
     "echo /.other > .gitignore",
     "git status",
     {".gitignore", "a.txt"}},
    {"git_symlink_elsewhere",
     "git config core.fsmonitor \"touch $MARK; false\"; mv .git .other; ln -s .other .git; echo /.other > .gitignore",
     "git status",
     {".gitignore", "a.txt"}},
    {"included_config",
     "printf '[core]\\n\\tfsmonitor = \"touch %s; false\"\\n' $MARK > .git/more; git config include.path more",
     "git status",
     {"a.txt"}},
};

class hostile : public ::testing::TestWithParam<attack> {};

} // namespace

TEST_P(hostile, nothing_of_it_runs_and_the_work_comes_through) {
    for (bool confined : {true, false}) {
        world w;
        ASSERT_TRUE(w.make_tree());
        fs::path mark = w.folder.path() / "open" / "mark";
        fs::create_directory(mark.parent_path());
        fs::permissions(mark.parent_path(), fs::perms(0777));
        w.agent("MARK=" + mark.string() + "; HK=" + w.tree.string() + "; echo changed > a.txt; " + GetParam().prepare);
        open_backend open;
        auto taken = w.import_with(confined ? *w.confine : open);
        ASSERT_TRUE(taken) << sentence(taken);
        EXPECT_EQ(taken->paths, GetParam().paths);
        ASSERT_TRUE(on_a_loop(w.mirrored.diff(w.base, taken->commit, 1 << 20)));
        ASSERT_TRUE(on_a_loop(w.mirrored.push("x", taken->commit, {})));
        EXPECT_EQ(shell(w.remote_path(), "git show x:a.txt"), "changed");
        EXPECT_FALSE(fs::exists(mark)) << "executed, confined: " << confined;
        shell(w.tree, GetParam().plain_git);
        EXPECT_TRUE(fs::exists(mark)) << "the attack does not work at all, so this test shows nothing";
    }
}

INSTANTIATE_TEST_SUITE_P(, hostile, ::testing::ValuesIn(attacks),
                         [](const auto& info) { return std::string(info.param.name); });

namespace {

/// Imports after `script` and returns the changed paths.
std::vector<std::string> paths_after(world& w, const std::string& script) {
    EXPECT_TRUE(w.make_tree());
    w.agent("echo changed > a.txt; " + script);
    auto taken = w.import();
    EXPECT_TRUE(taken) << sentence(taken);
    if (!taken) return {};
    EXPECT_EQ(w.in_mirror("rev-parse " + taken->commit + "^"), w.base);
    EXPECT_EQ(w.in_mirror("show " + taken->commit + ":a.txt"), "changed");
    return taken->paths;
}

using list = std::vector<std::string>;

} // namespace

TEST(broken_repository, of_an_agent_does_not_lose_its_work) {
    world w("echo a > a.txt; echo '*.log' > .gitignore; echo kept > kept.log");
    EXPECT_EQ(paths_after(w, "rm -rf .git"), list{"a.txt"});
    EXPECT_EQ(paths_after(w, "rm -rf .git; echo 'gitdir: /etc' > .git"), list{"a.txt"});
    EXPECT_EQ(paths_after(w, "rm -rf .git; ln -s /etc .git"), list{"a.txt"});
    EXPECT_EQ(paths_after(w, "chmod -R u+w .git; rm -rf .git/objects; ln -s /etc .git/objects"), list{"a.txt"});
    EXPECT_EQ(paths_after(w, "echo /etc > .git/objects/info/alternates"), list{"a.txt"});
    EXPECT_EQ(paths_after(w, "echo rubbish > .git/index; echo rubbish > .git/config; echo rubbish > .git/HEAD"),
              list{"a.txt"});
    EXPECT_EQ(paths_after(w, "for f in .git/objects/pack/*.pack; do chmod u+w $f; echo rubbish > $f; done"),
              list{"a.txt"});
    EXPECT_EQ(
        paths_after(w, "git checkout -q --orphan other; git rm -q -f --cached -r .; git commit -q --allow-empty -m x"),
        list{"a.txt"});
    EXPECT_EQ(
        paths_after(
            w,
            "git add -A; git commit -qm mine; git sparse-checkout set --no-cone nothing; git sparse-checkout disable"),
        list{"a.txt"});
    EXPECT_EQ(
        paths_after(
            w, "git update-index --assume-unchanged a.txt; git update-index --skip-worktree kept.log; rm kept.log"),
        (list{"a.txt", "kept.log"}));
}

TEST(broken_repository, replaced_and_grafted_objects_are_not_believed) {
    world w("echo a > a.txt; git add -A; git commit -qm zero; echo b > b.txt");
    EXPECT_EQ(
        paths_after(w, "git replace HEAD:b.txt HEAD:a.txt; mkdir -p .git/info; git rev-parse HEAD > .git/info/grafts"),
        list{"a.txt"});
}

TEST(broken_repository, what_the_agent_may_not_read_itself_is_made_readable) {
    world w;
    EXPECT_EQ(paths_after(w, "chmod 000 a.txt; mkdir shut; echo s > shut/s; chmod 000 shut; mkfifo pipe"),
              (list{"a.txt", "shut/s"}));
}

TEST(inner_repositories, are_left_out_and_named) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent(
        "git init -q empty; git init -q full; (cd full; git config user.name x; git config user.email x; echo f > f;"
        "git add f; git commit -qm f); echo changed > a.txt; rm src/x.py; cp -r full src/x.py");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{"a.txt"});
    auto left = taken->left_out;
    std::ranges::sort(left);
    EXPECT_EQ(left, (list{"empty/", "full/", "src/x.py"}));
}

TEST(inner_repositories, a_submodule_stays_as_the_base_has_it) {
    world w("git init -q ../lib; (cd ../lib; echo l > l; git add l; git commit -qm l);"
            "git -c protocol.file.allow=always submodule --quiet add ../lib lib; echo a > a.txt");
    ASSERT_TRUE(w.make_tree());
    EXPECT_TRUE(fs::is_empty(w.tree / "lib"));
    w.agent(
        "cd lib; git init -q; git config user.name x; git config user.email x; echo f > f; git add f; git commit -qm f;"
        "cd ..; echo changed > a.txt");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{"a.txt"});
    EXPECT_EQ(taken->left_out, list{"lib"});
}

TEST(size, too_many_new_files_are_refused_and_their_folder_is_named) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("mkdir heap few; cd heap; seq " + std::to_string(limits::import_files) +
            " | xargs touch; cd ../few; seq 9 | xargs touch");
    auto taken = w.import();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, error_kind::too_large);
    EXPECT_NE(taken.error().sentence.find("heap/"), std::string::npos) << taken.error().sentence;
    EXPECT_FALSE(fs::exists(w.task / "home.import"));
}

TEST(size, too_many_bytes_are_refused) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("mkdir 'big one'; truncate -s 3G 'big one/file'");
    auto taken = w.import();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, error_kind::too_large);
    EXPECT_NE(taken.error().sentence.find("big one/"), std::string::npos) << taken.error().sentence;
}
