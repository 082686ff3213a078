#include "backup/work.hpp"
#include "git/testing.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

using git::testing::on_a_loop;
using git::testing::shell;
using git::testing::world;

/// A commit of a task, which stands in the mirror alone.
git::commit_id made_in(world& w) {
    auto made = w.make_tree();
    EXPECT_TRUE(made) << git::testing::sentence(made);
    w.agent("printf 'three\\n' >> a.txt");
    auto imported = w.import();
    EXPECT_TRUE(imported) << git::testing::sentence(imported);
    return imported ? imported->commit : "";
}

struct work_of_tasks : testing::Test {
    world w;
    std::filesystem::path bundle = w.folder.path() / "bundle", mirrors = w.folder.path() / "mirrors";
    git::remote where{.url = w.remote_path().string()};
    bool saved() {
        auto how = on_a_loop(save_work(mirrors, where, bundle));
        EXPECT_TRUE(how) << how.error();
        return how && *how;
    }
};

TEST_F(work_of_tasks, that_stands_in_the_mirror_alone_comes_back_into_a_new_one) {
    auto commit = made_in(w);
    ASSERT_TRUE(saved());
    std::filesystem::remove_all(mirrors);
    auto back = on_a_loop(bring_work_back(mirrors, where, bundle));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(w.in_mirror("rev-parse refs/persais/tasks/7/work"), commit);
    EXPECT_EQ(w.in_mirror("show " + commit + ":a.txt"), "one\ntwo\nthree");
    EXPECT_TRUE(on_a_loop(bring_work_back(mirrors, where, bundle))) << "once more is as once";
}

TEST_F(work_of_tasks, that_was_pushed_is_the_remotes_to_keep) {
    auto commit = made_in(w);
    w.in_mirror("push -q '" + w.remote_path().string() + "' " + commit + ":refs/heads/mechanic/7-x");
    ASSERT_TRUE(w.refresh());
    EXPECT_FALSE(saved());
    EXPECT_FALSE(std::filesystem::exists(bundle));
}

TEST_F(work_of_tasks, there_is_none_without_a_mirror_or_without_tasks) {
    EXPECT_FALSE(saved());
    std::filesystem::remove_all(mirrors);
    EXPECT_FALSE(saved());
}

TEST_F(work_of_tasks, whose_base_the_remote_has_no_more_is_a_sentence) {
    made_in(w);
    ASSERT_TRUE(saved());
    std::filesystem::remove_all(mirrors);
    shell(w.folder.path(), "rm -rf remote.git; git init -q --bare remote.git; git init -q other; cd other; echo x > y; "
                           "git add y; git commit -q -m other; git push -q ../remote.git HEAD:refs/heads/main");
    auto back = on_a_loop(bring_work_back(mirrors, where, bundle));
    ASSERT_FALSE(back);
    EXPECT_NE(back.error().find("could not be brought back"), std::string::npos) << back.error();
}

TEST_F(work_of_tasks, whose_remote_is_gone_is_a_sentence) {
    made_in(w);
    ASSERT_TRUE(saved());
    std::filesystem::remove_all(w.remote_path());
    EXPECT_FALSE(on_a_loop(bring_work_back(mirrors, where, bundle)));
}

} // namespace
} // namespace persais::backup
