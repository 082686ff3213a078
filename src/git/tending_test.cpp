#include "git/leftovers.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/tending.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

struct tended : world {
    layout at{mirrored.folder()};
    fs::file_time_type now = fs::file_time_type::clock::now();

    void tend(std::chrono::hours later = {}) { on_a_loop(tend_mirrors(at.folder.parent_path(), now + later)); }
    /// As many tasks leave, each with a ref and a pack of its own.
    void tasks(int from, int to) {
        shell(at.git(), "for i in $(seq " + std::to_string(from) + " " + std::to_string(to) +
                            "); do printf 'commit refs/persais/tasks/%s/work\\ncommitter A <a> %s +0000\\ndata 0\\n"
                            "from refs/heads/main^0\\n\\ncheckpoint\\n\\n' $i $i; done | "
                            "git -c fastimport.unpackLimit=0 -c core.fsync=none fast-import --quiet");
    }
    int packs() { return std::stoi(shell(at.git(), "ls objects/pack/*.idx | wc -l")); }
    bool there(const std::string& id) {
        return shell(at.git(), "git cat-file -e " + id + " 2>&1 && echo yes || echo no").ends_with("yes");
    }
    std::string refs() { return in_mirror("for-each-ref"); }
};

constexpr std::chrono::hours day{24};

} // namespace

TEST(tending, keeps_the_packs_few_however_many_tasks_there_were) {
    tended w;
    int most = 0;
    for (int done = 0; done < 200; done += 20) {
        w.tasks(done + 1, done + 20);
        auto before = w.refs();
        w.tend();
        EXPECT_EQ(w.refs(), before);
        most = std::max(most, w.packs());
    }
    EXPECT_LE(most, limits::tended_packs);
    EXPECT_EQ(w.in_mirror("rev-list --all --count"), "201");
    w.in_mirror("fsck --strict");
    w.in_mirror("commit-graph verify");
    EXPECT_EQ(w.in_mirror("count-objects"), "0 objects, 0 kilobytes");
}

TEST(tending, removes_what_no_ref_has_had_for_a_month) {
    tended w;
    w.tasks(1, 2);
    auto loose = shell(w.at.git(), "echo loose | git hash-object -w --stdin");
    auto kept = w.in_mirror("rev-parse refs/persais/tasks/1/work"),
         forgotten = w.in_mirror("rev-parse refs/persais/tasks/2/work");
    w.tend();
    on_a_loop(forget_refs(w.at, "refs/persais/tasks/2/"));
    shell(w.at.git(), "find objects -name '*.pack' -exec touch -d '2 years ago' {} +"); // so is the commit's
    w.tend(6 * day);
    EXPECT_TRUE(w.there(forgotten));
    w.tend(8 * day);
    EXPECT_TRUE(w.there(forgotten)) << "a task may still stand on it";
    w.tasks(3, 20);
    w.tend(9 * day);
    EXPECT_TRUE(w.there(forgotten)) << "packs were joined";
    w.tend(37 * day);
    EXPECT_TRUE(w.there(forgotten));
    EXPECT_TRUE(w.there(loose));
    w.tend(45 * day);
    EXPECT_FALSE(w.there(forgotten));
    EXPECT_FALSE(w.there(loose));
    EXPECT_TRUE(w.there(kept));
    w.in_mirror("fsck --strict");
    EXPECT_EQ(w.in_mirror("rev-list --all --count"), "20");
}

TEST(tending, forgets_a_commit_that_was_asked_for_when_a_branch_has_it_or_after_a_month) {
    tended w;
    shell(w.remote_path(), "git config uploadpack.allowAnySHA1InWant true");
    auto asked = [&](const std::string& message) {
        auto id = shell(w.remote_path(), "git commit-tree -m " + message + " -p main main^{tree}");
        EXPECT_TRUE(on_a_loop(w.mirrored.fetch_commit(id)).value_or(false));
        return id;
    };
    auto seen = [&] { return w.in_mirror("for-each-ref --format='%(refname:lstrip=3)' refs/persais/asked-for"); };
    auto lost = asked("lost"), merged = asked("merged"), tagged = asked("tagged");
    w.tend();
    w.tend(8 * day);
    EXPECT_TRUE(seen().contains(lost) && seen().contains(merged) && seen().contains(tagged));
    shell(w.remote_path(), "git update-ref refs/heads/main " + merged + "; git tag v1 " + tagged);
    ASSERT_EQ(sentence(w.refresh()), "");
    w.in_mirror("pack-refs --all");
    w.tend(16 * day);
    EXPECT_EQ(seen(), lost);
    auto later = asked("later");
    w.tend(37 * day);
    EXPECT_TRUE(seen().contains(lost)) << "it was first seen on the eighth day";
    w.tend(45 * day);
    EXPECT_EQ(seen(), later);
    EXPECT_TRUE(w.there(lost)) << "the month of an object without a ref begins";
    EXPECT_TRUE(on_a_loop(w.mirrored.fetch_commit(lost)).value_or(false));
    w.tend(53 * day);
    EXPECT_TRUE(seen().contains(lost)) << "which was asked for again";
    EXPECT_EQ(shell(w.at.folder, "ls asked-for"), seen());
    w.tend(90 * day);
    EXPECT_EQ(seen(), "");
    EXPECT_EQ(shell(w.at.folder, "ls asked-for"), "");
}

TEST(tending, has_what_lacks_an_object_after_a_prune_fetched_again) {
    for (const char* what : {"main", "main~", "main^{tree}"}) { // as what a fetch took over while it was removed
        tended w;
        w.tasks(1, 1);
        shell(w.folder.path() / "person", "git commit -q --allow-empty -m one; echo new > new; git add new;"
                                          "git commit -qm two; git push -q ../remote.git HEAD:main");
        ASSERT_EQ(sentence(w.refresh()), "");
        auto whole = w.refs();
        auto id = w.in_mirror("rev-parse " + std::string(what));
        w.tend();
        w.tend(8 * day);
        EXPECT_EQ(w.refs(), whole);
        shell(w.at.git(), "mv objects/pack/*.pack .; rm -f objects/pack/*; for p in *.pack; do git unpack-objects -q "
                          "< $p; rm $p; done; rm objects/" +
                              id.substr(0, 2) + "/" + id.substr(2));
        w.tend(16 * day);
        EXPECT_EQ(w.in_mirror("for-each-ref refs/heads"), "") << what;
        ASSERT_EQ(sentence(w.refresh()), "") << what;
        EXPECT_EQ(w.refs(), whole) << what;
        w.in_mirror("fsck --strict");
    }
}

TEST(tending, is_for_another_time_while_a_task_is_at_the_mirror) {
    for (bool refreshing : {false, true}) {
        tended w;
        w.tasks(1, 20);
        auto before = w.packs();
        {
            auto use = on_a_loop(lock(refreshing ? w.at.refreshing() : w.at.used(), sharing::shared, {}));
            w.tend();
            EXPECT_EQ(w.packs(), before);
        }
        w.tend();
        EXPECT_LE(w.packs(), limits::tended_packs);
    }
}

TEST(tending, goes_on_where_it_was_killed) {
    tended w;
    w.tasks(1, 20);
    auto objects = w.at.git() / "objects";
    write(objects / "pack/.tmp-12-pack-ab.pack", "half");
    write(objects / "pack/tmp_idx_AbCdEf", "half");
    write(objects / "info/commit-graph.lock", "");
    for (const char* age : {"now", "2 days ago"}) { // git writes the index last
        auto pack = objects / "pack" / (std::string("pack-") + age + ".pack");
        write(pack, "whole");
        shell(objects, "touch -d '" + std::string(age) + "' '" + pack.string() + "'");
    }
    w.tend();
    EXPECT_EQ(shell(objects, "find . -name '*tmp*' -o -name '*.lock'"), "");
    EXPECT_TRUE(fs::exists(objects / "pack/pack-now.pack")) << "it may be coming in";
    EXPECT_FALSE(fs::exists(objects / "pack/pack-2 days ago.pack"));
    EXPECT_LE(w.packs(), limits::tended_packs);
    EXPECT_TRUE(fs::exists(objects / "info/commit-graph"));
}

TEST(tending, is_not_swept_away_by_a_refresh_that_comes_meanwhile) {
    tended w;
    auto being_made = w.at.git() / "objects/pack/.tmp-12-pack-ab.pack";
    write(being_made, "half");
    {
        auto tending = on_a_loop(lock(w.at.tending(), sharing::alone, {}));
        shell(w.folder.path() / "person", "git commit -q --allow-empty -m news; git push -q ../remote.git HEAD:main");
        ASSERT_EQ(sentence(w.refresh()), "");
        EXPECT_TRUE(fs::exists(being_made));
    }
    ASSERT_EQ(sentence(w.refresh()), "");
    EXPECT_FALSE(fs::exists(being_made));
}
