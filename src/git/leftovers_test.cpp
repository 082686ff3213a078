#include "git/leftovers.hpp"
#include "git/lock.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

TEST(leftovers, of_a_mirror_that_nobody_fetches_any_more_are_removed) {
    world w;
    auto folder = w.mirrored.folder();
    write(folder / "git/refs/heads/main.lock", "");
    write(folder / "git/objects/12/tmp_obj_AbCdEf", "half");
    write(folder / "incoming/pack-AbCdEf", "half");
    on_a_loop(sweep({folder}));
    EXPECT_EQ(shell(folder, "find . -name main.lock; find . -name 'tmp_*'; ls incoming"), "");
}

TEST(leftovers, refs_of_a_task_are_found_and_removed) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo 1 > 1");
    ASSERT_TRUE(w.import());
    layout at{w.mirrored.folder()};
    EXPECT_EQ(on_a_loop(tasks_with_refs(at)), std::set<task_id>{{7}});
    on_a_loop(forget_refs(at, "refs/persais/tasks/77"));
    EXPECT_EQ(on_a_loop(tasks_with_refs(at)).size(), 1U);
    on_a_loop(forget_refs(at, "refs/persais/tasks/7"));
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais"), "");
    EXPECT_NE(w.in_mirror("for-each-ref refs/heads"), "");
}

TEST(leftovers, refs_stay_while_another_has_the_mirror_alone) {
    world w;
    layout at{w.mirrored.folder()};
    w.in_mirror("update-ref refs/persais/tasks/7/work " + w.base);
    {
        auto alone = on_a_loop(lock(at.used(), sharing::alone, {}));
        ASSERT_TRUE(alone);
        on_a_loop(forget_refs(at, "refs/persais/tasks/7", {})); // who holds it may be removing locks, also this one's
    }
    EXPECT_EQ(w.in_mirror("rev-parse refs/persais/tasks/7/work"), w.base);
    on_a_loop(forget_refs(at, "refs/persais/tasks/7", {}));
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais"), "");
}

TEST(leftovers, mirrors_are_found_among_other_folders) {
    world w;
    auto root = w.mirrored.folder().parent_path();
    write(root / "a/file", "");
    auto found = mirrors_below(root);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].folder, w.mirrored.folder());
    EXPECT_TRUE(mirrors_below(root / "none").empty());
}
