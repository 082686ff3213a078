#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

const std::string lines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// A change of `a.txt` that was made on the first commit of main, while other people go on with main. Nothing of it
/// needs a sandbox, which takes longer to try than all the rest.
struct landing {
    explicit landing(const std::string& first = "printf '" + lines + "' > a.txt",
                     const std::string& change =
                         "sed -i s/one/ONE/ a.txt; git commit -qam 'first part'; echo more > b.txt; git add b.txt; "
                         "git commit -qm 'second part'") {
        shell(folder.path(), "git init -q --bare remote.git; git init -q person; cd person; " + first +
                                 "; git add -A; git commit -q -m first; git push -q ../remote.git HEAD:main; "
                                 "git checkout -q -b work; " +
                                 change + "; git push -q ../remote.git HEAD:work; git checkout -q main");
        EXPECT_TRUE(refresh());
        base = on_a_loop(mirrored.commit_of("main")).value_or("");
        work = on_a_loop(mirrored.commit_of("work")).value_or("");
    }
    outcome<void> refresh() { return on_a_loop(mirrored.refresh()); }
    std::string in_mirror(const std::string& git_words) {
        return shell(folder.path(), "git --git-dir='" + (mirrored.folder() / "git").string() + "' " + git_words);
    }
    std::string in_person(const std::string& script) { return shell(folder.path() / "person", script); }
    /// Another person's commit on main.
    commit_id others(const std::string& script) {
        auto id = in_person(script + "; git add -A; git commit -qm others; git push -q ../remote.git HEAD:main; "
                                     "git rev-parse HEAD");
        EXPECT_TRUE(refresh());
        return id;
    }
    mirror::replay_spec spec(commit_id onto) const {
        return {.from = base,
                .to = work,
                .onto = std::move(onto),
                .who = {},
                .when = time_point(std::chrono::seconds(1'750'000'000)),
                .message = "Revert it",
                .keep_as = "refs/persais/tasks/7/land"};
    }
    mirror::replayed rebase(commit_id onto) { return must(on_a_loop(mirrored.rebase(spec(std::move(onto))))); }
    mirror::replayed revert(commit_id from, commit_id to, commit_id onto) {
        auto what = spec(std::move(onto));
        what.from = std::move(from);
        what.to = std::move(to);
        return must(on_a_loop(mirrored.revert(std::move(what))));
    }
    static mirror::replayed must(outcome<mirror::replayed> made) {
        EXPECT_TRUE(made) << sentence(made);
        return made.value_or(mirror::replayed{});
    }
    std::string at(const commit_id& commit, const std::string& path) {
        return in_mirror("show " + commit + ":" + path);
    }
    std::string main_there() { return shell(folder.path() / "remote.git", "git rev-parse main"); }

    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    commit_id base, work;
};

} // namespace

TEST(rebase, takes_each_commit_over_with_its_author_and_words) {
    landing w;
    auto tip = w.others("sed -i s/ten/TEN/ a.txt");
    auto made = w.rebase(tip);
    EXPECT_TRUE(made.same_text);
    EXPECT_EQ(w.at(made.commit, "a.txt").substr(0, 3), "ONE");
    EXPECT_TRUE(w.at(made.commit, "a.txt").ends_with("TEN"));
    EXPECT_EQ(w.in_mirror("log --format='%s by %an at %at, %cn' " + tip + ".." + made.commit),
              "second part by Ann at 1700000000, Mechanic\nfirst part by Ann at 1700000000, Mechanic");
    EXPECT_EQ(made.stat.files, 2);
    EXPECT_EQ(w.in_mirror("rev-parse refs/persais/tasks/7/land"), made.commit);
}

TEST(rebase, makes_the_same_bytes_again) {
    landing w;
    auto tip = w.others("echo x > c.txt");
    EXPECT_EQ(w.rebase(tip).commit, w.rebase(tip).commit);
}

TEST(rebase, names_what_both_sides_changed) {
    landing w;
    auto tip = w.others("sed -i s/one/EINS/ a.txt");
    auto made = w.rebase(tip);
    EXPECT_EQ(made.conflicts, std::vector<std::string>{"a.txt"});
    EXPECT_EQ(made.commit, "");
}

TEST(rebase, tells_that_the_lines_around_the_change_are_others_now) {
    landing w;
    EXPECT_FALSE(w.rebase(w.others("sed -i s/three/THREE/ a.txt")).same_text);
}

TEST(rebase, reads_the_same_below_a_function_that_somebody_renamed) {
    landing w("printf 'def old():\\n    pass\\n\\n\\n\\n\\n\\n    x = 1\\n' > a.py",
              "sed -i 's/x = 1/x = 2/' a.py; git commit -qam x");
    EXPECT_TRUE(w.rebase(w.others("sed -i s/old/new/ a.py")).same_text);
}

TEST(rebase, leaves_out_what_is_there_already) {
    landing w;
    auto tip = w.others("sed -i s/one/ONE/ a.txt; echo more > b.txt");
    EXPECT_EQ(w.rebase(tip).commit, tip);
}

TEST(rebase, runs_no_merge_driver_and_believes_no_attribute_of_a_side) {
    landing w;
    auto tip = w.others("echo '* merge=ours' > .gitattributes; sed -i s/one/EINS/ a.txt");
    EXPECT_EQ(w.rebase(tip).conflicts, std::vector<std::string>{"a.txt"});
}

TEST(revert, takes_back_all_commits_of_a_change_under_later_ones) {
    landing w;
    ASSERT_TRUE(on_a_loop(w.mirrored.land("main", w.work, w.base)));
    w.in_person("git pull -q ../remote.git main");
    auto tip = w.others("sed -i s/ten/TEN/ a.txt");
    auto made = w.revert(w.base, w.work, tip);
    EXPECT_TRUE(made.same_text);
    EXPECT_EQ(w.in_mirror("diff --name-only " + w.base + " " + made.commit), "a.txt");
    EXPECT_EQ(w.at(made.commit, "a.txt").substr(0, 3), "one");
    EXPECT_TRUE(w.at(made.commit, "a.txt").ends_with("TEN"));
    EXPECT_EQ(w.in_mirror("log -1 --format=%s " + made.commit), "Revert it");
    // A revert is a change as any other, and can be taken back.
    auto again = w.revert(tip, made.commit, made.commit);
    EXPECT_EQ(w.in_mirror("diff --name-only " + tip + " " + again.commit), "");
}

TEST(revert, names_what_later_commits_changed_too) {
    landing w;
    ASSERT_TRUE(on_a_loop(w.mirrored.land("main", w.work, w.base)));
    w.in_person("git pull -q ../remote.git main");
    auto tip = w.others("sed -i s/ONE/UNO/ a.txt");
    EXPECT_EQ(w.revert(w.base, w.work, tip).conflicts, std::vector<std::string>{"a.txt"});
}

TEST(revert, of_what_is_not_there_any_more_changes_nothing) {
    landing w;
    EXPECT_EQ(w.revert(w.base, w.work, w.base).commit, w.base);
}

TEST(land, brings_the_commit_onto_the_branch_once) {
    landing w;
    auto pushed = on_a_loop(w.mirrored.land("main", w.work, w.base));
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_FALSE(pushed->already_there);
    EXPECT_EQ(w.main_there(), w.work);
    auto again = on_a_loop(w.mirrored.land("main", w.work, w.base));
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_TRUE(again->already_there);
}

TEST(land, never_takes_others_work_away) {
    landing w;
    auto tip = w.others("echo x > c.txt");
    for (const auto& expected : {w.base, tip}) { // main moved; and a commit that is not on top of it
        auto refused = on_a_loop(w.mirrored.land("main", w.work, expected));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, error_kind::moved);
        EXPECT_EQ(w.main_there(), tip);
    }
}

TEST(land, finds_its_commit_below_later_ones) {
    landing w;
    ASSERT_TRUE(on_a_loop(w.mirrored.land("main", w.work, w.base)));
    w.in_person("git pull -q ../remote.git main");
    auto tip = w.others("echo x > c.txt");
    EXPECT_EQ(on_a_loop(w.mirrored.contains(tip, w.work)).value_or(false), true);
    EXPECT_EQ(on_a_loop(w.mirrored.contains(w.work, tip)).value_or(true), false);
}

TEST(land, tells_not_there_from_could_not_look) {
    landing w;
    EXPECT_EQ(on_a_loop(w.mirrored.contains(w.work, w.base)), true);
    EXPECT_EQ(on_a_loop(w.mirrored.contains(w.work, std::string(40, '1'))), false);
    std::filesystem::rename(w.mirrored.folder() / "git", w.folder.path() / "away");
    EXPECT_FALSE(on_a_loop(w.mirrored.contains(w.work, w.base)));
    EXPECT_FALSE(on_a_loop(w.mirrored.has(w.base)));
}

TEST(revert, of_a_revert_brings_back_what_it_took) {
    landing l;
    auto tip = l.others("echo theirs > c.txt");
    auto there = l.rebase(tip).commit;
    auto gone = l.revert(tip, there, there).commit;
    EXPECT_EQ(l.at(gone, "a.txt"), l.at(tip, "a.txt"));
    auto back = l.revert({}, gone, gone); // one commit: its parent is what was there before
    EXPECT_TRUE(back.same_text);
    EXPECT_EQ(l.at(back.commit, "a.txt"), l.at(there, "a.txt"));
    EXPECT_EQ(l.at(back.commit, "b.txt"), "more");
    EXPECT_EQ(l.in_mirror("rev-parse " + back.commit + "^"), gone);
    EXPECT_EQ(l.revert({}, gone, back.commit).commit, back.commit) << "it is there already";
}

TEST(land, finds_a_commit_by_the_beginning_of_its_id) {
    landing w;
    EXPECT_EQ(on_a_loop(w.mirrored.find_commit(w.work.substr(0, 9))), w.work);
    EXPECT_EQ(on_a_loop(w.mirrored.find_commit(w.work)), w.work);
    EXPECT_EQ(on_a_loop(w.mirrored.find_commit("1111111")), "");
    auto tree = w.in_mirror("rev-parse " + w.work + "^{tree}").substr(0, 12);
    EXPECT_EQ(on_a_loop(w.mirrored.find_commit(tree)), "") << "it is no commit";
    std::filesystem::rename(w.mirrored.folder() / "git", w.folder.path() / "away");
    EXPECT_FALSE(on_a_loop(w.mirrored.find_commit(w.work)));
}
