#include "git/lost_work.hpp"
#include "git/testing.hpp"
#include "git/whole_objects.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A mirror with the work of a task, which is only there.
struct worked : world {
    worked() { EXPECT_TRUE(work()); }
    outcome<mirror::imported> work() {
        EXPECT_TRUE(make_tree());
        agent("seq 20000 | sha256sum > a.txt; seq 999 > src/b.txt");
        packs = shell(mirrored.folder(), "ls git/objects/pack");
        return import();
    }
    /// Of the last work, or what is done to it: a script with the pack's path without its end in $p.
    void in_its_pack(const std::string& script) {
        shell(mirrored.folder(), "cd git/objects/pack; for p in *.pack; do case '" + packs +
                                     "' in *$p*) ;; *) p=${p%.pack}; chmod u+w $p.*; " + script + " ;; esac; done");
    }
    void boot() { write(mirrored.folder() / "boot", "before"); }
    std::string refs() { return in_mirror("for-each-ref --format='%(refname)'"); }
    std::string boot_known() { return read(mirrored.folder() / "boot"); }
    std::string packs;
};

constexpr auto all = "refs/heads/main\nrefs/persais/tasks/7/work", without_it = "refs/heads/main";

} // namespace

TEST(lost_work, that_a_power_cut_took_stops_nobody) {
    world w;
    auto import = [&](const std::string& as) {
        EXPECT_TRUE(w.make_tree());
        w.agent("echo " + as + " > a.txt");
        return w.import();
    };
    ASSERT_TRUE(import("kept"));
    auto kept = w.in_mirror("rev-parse refs/persais/tasks/7/work");
    w.in_mirror("update-ref refs/persais/tasks/8/work " + kept);
    auto packs = shell(w.mirrored.folder(), "ls git/objects/pack");
    auto lost = import("lost");
    ASSERT_TRUE(lost);
    ASSERT_TRUE(on_a_loop(w.mirrored.push("mechanic/7-x", lost->commit, {})));
    auto refs = "refs/heads/main\nrefs/heads/mechanic/7-x\nrefs/persais/tasks/7/work\nrefs/persais/tasks/8/work";
    EXPECT_EQ(w.in_mirror("for-each-ref --format='%(refname)'"), refs);
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(w.in_mirror("for-each-ref --format='%(refname)'"), refs);

    shell(w.mirrored.folder(), "cd git/objects/pack; for f in *.pack; do case '" + packs +
                                   "' in *$f*) ;; *) chmod u+w $f; : > $f ;; esac; done; echo before > ../../../boot");
    shell(w.folder.path() / "person", "git commit -q --allow-empty -m news; git push -q ../remote.git HEAD:main");
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(w.in_mirror("for-each-ref --format='%(refname)'"),
              "refs/heads/main\nrefs/heads/mechanic/7-x\nrefs/persais/tasks/8/work");
    EXPECT_EQ(w.in_mirror("show mechanic/7-x:a.txt"), "lost") << "fetched again";
}

TEST(lost_work, whose_file_has_a_hole_is_found_and_can_be_done_again) {
    worked w;
    auto before = w.in_mirror("rev-parse refs/persais/tasks/7/work");
    auto blob = w.in_mirror("rev-parse refs/persais/tasks/7/work:src/b.txt");
    w.in_mirror("commit-graph write --reachable");
    w.in_its_pack("at=$(git show-index < $p.idx | grep " + blob +
                  " | cut -d' ' -f1); dd if=/dev/zero of=$p.pack bs=1 seek=$((at + 10)) count=200 conv=notrunc 2>&1");
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.refs(), without_it);
    w.in_mirror("fsck --strict");
    auto again = w.work();
    ASSERT_EQ(sentence(again), "");
    EXPECT_EQ(again->commit, before);
    w.in_mirror("fsck --strict");
}

TEST(lost_work, whose_loose_objects_were_not_written_can_be_done_again) {
    for (const std::string damage : {": > $f", "dd if=/dev/zero of=$f bs=1 count=9 conv=notrunc 2>&1",
                                     "dd if=/dev/zero of=$f bs=1 seek=9 count=9 conv=notrunc 2>&1"}) {
        worked w;
        w.in_its_pack("mv $p.pack ../../../old; rm $p.*; git --git-dir=../.. unpack-objects -q < ../../../old");
        auto blob = w.in_mirror("rev-parse refs/persais/tasks/7/work:src/b.txt").insert(2, "/");
        shell(w.mirrored.folder() / "git/objects", "f=" + blob + "; chmod u+w $f; " + damage);
        w.boot();
        ASSERT_EQ(sentence(w.refresh()), "");
        EXPECT_EQ(w.refs(), without_it);
        EXPECT_EQ(sentence(w.work()), "");
        w.in_mirror("fsck --strict");
    }
}

TEST(lost_work, that_no_ref_names_yet_can_be_done_again) {
    worked w;
    w.in_its_pack(": > $p.pack");
    w.in_mirror("update-ref -d refs/persais/tasks/7/work");
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(sentence(w.work()), "");
    w.in_mirror("fsck --strict");
}

TEST(lost_work, below_what_the_remote_has_is_fetched_again) {
    worked w;
    auto commit = w.in_mirror("rev-parse refs/persais/tasks/7/work");
    auto above = w.in_mirror("commit-tree -p " + commit + " -m above main^{tree}");
    w.in_mirror("update-ref -d refs/persais/tasks/7/work");
    ASSERT_TRUE(on_a_loop(w.mirrored.push("main", above, w.base)));
    w.in_its_pack(": > $p.pack");
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.in_mirror("rev-parse main"), above);
    w.in_mirror("fsck --strict");
}

TEST(lost_work, is_not_there_because_the_graph_of_commits_names_it) {
    worked w;
    auto lost = w.in_mirror("commit-tree -p main -m lost main^{tree}");
    w.in_mirror("update-ref refs/persais/tasks/8/work " +
                w.in_mirror("commit-tree -p " + lost + " -m above main^{tree}"));
    w.in_mirror("commit-graph write --reachable");
    fs::remove(w.mirrored.folder() / "git/objects" / lost.substr(0, 2) / lost.substr(2));
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.refs(), all);
    w.in_mirror("fsck --strict");
}

TEST(lost_work, and_packed_refs_of_zeros_are_read_from_the_remote) {
    worked w;
    w.in_mirror("pack-refs --all");
    write(w.mirrored.folder() / "git/packed-refs",
          "# pack-refs with: peeled fully-peeled sorted \n" + std::string(99, '\0'));
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.refs(), without_it);
    EXPECT_EQ(sentence(w.work()), "");
    w.in_mirror("fsck --strict");
}

TEST(lost_work, and_refs_that_are_cut_off_keep_no_later_fetch_from_working) {
    worked w;
    auto git = w.mirrored.folder() / "git";
    write(git / "refs/heads/mechanic/1", "");
    write(git / "refs/persais/tasks/8/work", std::string(41, '\0'));
    write(git / "HEAD", "");
    w.boot();
    shell(w.folder.path() / "person", "git commit -q --allow-empty -m news; git push -q ../remote.git HEAD:main");
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.refs(), all);
    EXPECT_EQ(w.in_mirror("symbolic-ref HEAD"), "refs/heads/main");
    EXPECT_FALSE(fs::exists(git / "refs/heads/mechanic/1"));
    EXPECT_FALSE(fs::exists(git / "refs/persais/tasks/8/work"));
}

TEST(lost_work, that_the_remote_has_by_now_is_fetched_again) {
    worked w;
    auto commit = w.in_mirror("rev-parse refs/persais/tasks/7/work");
    ASSERT_TRUE(on_a_loop(w.mirrored.push("main", commit, w.base)));
    w.in_its_pack(": > $p.pack");
    w.boot();
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.refs(), without_it);
    EXPECT_EQ(w.in_mirror("rev-parse main"), commit);
    w.in_mirror("fsck --strict");
}

TEST(lost_work, is_nothing_that_was_fetched_because_packs_wait_for_the_disk) {
    worked w;
    shell(w.folder.path() / "person",
          "seq 9 > news; git add news; git commit -q -m news; git push -q ../remote.git HEAD:main");
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_EQ(w.in_mirror("show main:news | wc -l"), "9");
    EXPECT_EQ(w.in_mirror("count-objects"), "0 objects, 0 kilobytes");
}

TEST(lost_work, is_none_that_git_could_not_read) {
    worked w;
    w.boot();
    write(w.mirrored.folder() / "git/shallow", "no id\n");
    EXPECT_NE(sentence(on_a_loop(drop_lost_work({w.mirrored.folder()}, "now"))), "");
    EXPECT_EQ(w.boot_known(), "before") << "the next time looks again";
    fs::remove(w.mirrored.folder() / "git/shallow");
    EXPECT_EQ(w.refs(), all);
    EXPECT_EQ(sentence(on_a_loop(drop_lost_work({w.mirrored.folder()}, "now"))), "");
    EXPECT_EQ(w.refs(), all);
    EXPECT_EQ(w.boot_known(), "now");
}

TEST(lost_work, is_what_git_says_it_is) {
    using enum sandbox::ended;
    auto said = [](sandbox::ended how, int code, std::string error) {
        return read_what({.how = how, .code = code, .output = {}, .error = std::move(error)});
    };
    for (const char* one : {"fatal: bad object 12", "fatal: bad tree object 12", "fatal: missing blob object '12'",
                            "fatal: packed object 12 (stored in x.pack) is corrupt", "error: Could not read 12",
                            "fatal: pack has bad object at offset 12: inflate returned -3", "fatal: early EOF"})
        EXPECT_EQ(said(exited, 128, one), reading::lost) << one;
    EXPECT_EQ(said(exited, 0, "error: hash mismatch 12"), reading::lost);
    EXPECT_EQ(said(exited, 0, ""), reading::whole);
    EXPECT_EQ(said(exited, 128, "error: x.pack: Too many open files\nfatal: bad object 12"), reading::unknown);
    EXPECT_EQ(said(exited, 128, "fatal: Out of memory, malloc failed"), reading::unknown);
    EXPECT_EQ(said(exited, 128, "fatal: not a git repository: 'x'"), reading::unknown);
    EXPECT_EQ(said(timed_out, 15, "fatal: bad object 12"), reading::unknown);
    EXPECT_EQ(said(out_of_memory, 9, ""), reading::unknown);
}
