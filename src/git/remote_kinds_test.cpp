#include "base/text.hpp"
#include "git/explain.hpp"
#include "git/probe.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

constexpr auto one_file = "printf 'one\\ntwo\\n' > a.txt";

/// From the remote to a tree, from there back to a new branch, and on from that.
void expect_round_trip(world& w) {
    ASSERT_TRUE(w.make_tree());
    w.agent("echo three >> a.txt; echo new > b.txt");
    auto made = w.import();
    ASSERT_TRUE(made) << sentence(made);
    EXPECT_EQ(made->paths, (std::vector<std::string>{"a.txt", "b.txt"}));
    auto pushed = on_a_loop(w.mirrored.push("mechanic/7-x", made->commit, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    auto there = shell(w.folder.path(), "git --git-dir=remote.git rev-parse mechanic/7-x mechanic/7-x^");
    EXPECT_EQ(there, made->commit + "\n" + w.base);
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(on_a_loop(w.mirrored.has(made->commit)), true);
    auto text = on_a_loop(w.mirrored.file(made->commit, "b.txt"));
    ASSERT_TRUE(text) << sentence(text);
    EXPECT_EQ(*text, "new\n");
    ASSERT_TRUE(w.make_tree(w.base, made->commit));
    EXPECT_EQ(read(w.tree / "b.txt"), "new\n");
    shell(w.folder.path() / "person", "git fetch -q ../remote.git; echo more >> a.txt; git commit -qam more; "
                                      "git push -q ../remote.git HEAD:main");
    ASSERT_TRUE(w.refresh());
    EXPECT_NE(on_a_loop(w.mirrored.commit_of("main")).value_or(""), w.base);
}

/// A mirror of what a script makes at `remote.git`, and why it cannot be read.
failure refused(const std::string& script) {
    open_temp_dir folder;
    shell(folder.path(), script);
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    auto done = on_a_loop(mirrored.refresh());
    return done ? failure{error_kind::other, "it was read"} : done.error();
}

} // namespace

TEST(remote_kinds, of_the_sha_256_format_works_as_any_other) {
    world w(one_file, "sha256");
    expect_round_trip(w);
    open_temp_dir scratch;
    auto rehearsed = on_a_loop(rehearse_push(scratch.path(), remote{.url = w.remote_path().string()}));
    EXPECT_TRUE(rehearsed) << sentence(rehearsed);
}

TEST(remote_kinds, a_shallow_one_works_without_the_history_that_it_does_not_have) {
    world w(one_file, "sha1",
            "cd person; git commit -q --allow-empty -m b; git commit -q --allow-empty -m c; cd ..; rm -rf remote.git; "
            "git clone -q --bare --depth=1 \"file://$PWD/person\" remote.git");
    expect_round_trip(w);
}

TEST(remote_kinds, tags_that_fail_gits_checks_cost_nothing_but_themselves) {
    // A commit whose tree has the same name twice.
    constexpr const char* spoil =
        "cd ../remote.git; f=$(echo 1 | git hash-object -w --stdin); "
        "t=$(printf '100644 blob %s\\tf\\n100644 blob %s\\tf\\n' $f $f | git mktree); "
        "git update-ref refs/tags/bad $(git -c user.name=a -c user.email=a@example.com commit-tree -m bad $t)";
    world w;
    auto remote = [&](const std::string& script) { return shell(w.folder.path() / "person", script); };
    auto tags = [&] {
        return shell(w.mirrored.folder(), "git -C git for-each-ref --format='%(refname:short)' refs/tags | xargs");
    };
    remote("git tag one; git tag two; git push -q ../remote.git one two");
    remote(spoil);
    EXPECT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(tags(), "one two");
    EXPECT_EQ(sentence(w.refresh()), "");
    remote("git tag three; git push -q ../remote.git three :one");
    EXPECT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(tags(), "three two");
    EXPECT_EQ(shell(w.mirrored.folder(), "cut -d' ' -f1 tags-left-out"), "bad");
}

TEST(remote_kinds, one_whose_git_cannot_pack_is_told_as_that) {
    auto why = refused("git init -q remote.git; cd remote.git; echo a > a; git add a; git commit -qm a; "
                       "rm .git/objects/$(git rev-parse HEAD:a | sed 's,^..,&/,')");
    EXPECT_EQ(why.kind, error_kind::bad_object);
    EXPECT_NE(why.sentence.find("fails to pack its own objects: "), std::string::npos) << why.sentence;
    EXPECT_NE(why.sentence.find("unable to read"), std::string::npos) << why.sentence;
}

TEST(free_branch, is_the_tasks_own_name_unless_another_stands_in_the_way) {
    world w;
    auto name = [&] { return on_a_loop(w.mirrored.free_branch("7", "Mend it")); };
    auto push = [&](const std::string& what) {
        shell(w.folder.path() / "person", "git push -q ../remote.git " + what);
        ASSERT_TRUE(w.refresh());
    };
    EXPECT_EQ(name(), "mechanic/7-mend-it");
    push("HEAD:refs/heads/mechanic/7-mend-it HEAD:refs/heads/mechanic/7-mend-it-2/deeper");
    EXPECT_EQ(name(), "mechanic/7-mend-it-3");
    push(":mechanic/7-mend-it :mechanic/7-mend-it-2/deeper");
    EXPECT_EQ(name(), "mechanic/7-mend-it");
    push("HEAD:refs/heads/mechanic");
    EXPECT_EQ(name(), "mechanic-7-mend-it");
    push("HEAD:refs/heads/mechanic-7-mend-it");
    EXPECT_EQ(name(), "mechanic-7-mend-it-2");
}

TEST(words_of, what_is_too_long_keeps_its_end_where_a_server_says_why) {
    std::string said;
    for (int i = 0; i < 200; ++i)
        said += "remote: line " + std::to_string(i) + " of a banner, ä\n";
    auto words = words_of(said + "remote: commits have to name a ticket\nerror: failed to push some refs\n");
    EXPECT_TRUE(words.starts_with("line 0 of a banner")) << words;
    EXPECT_TRUE(words.ends_with("commits have to name a ticket; failed to push some refs")) << words;
    EXPECT_LE(words.size(), limits::git_words_bytes);
    EXPECT_TRUE(persais::text::valid_utf8(words)) << words;
}
