#include "git/merged.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A branch of two commits, and main with one that is not on it; main as a forge leaves it is what a test makes of
/// them.
struct forge_merge {
    forge_merge() {
        shell(folder.path(), "git init -q --bare remote.git; git init -q person; cd person; echo a > a; git add -A; "
                             "git commit -qm first; git push -q ../remote.git HEAD:main; git checkout -qb work; "
                             "echo b > b; git add -A; git commit -qm one; echo c > c; git add -A; git commit -qm two; "
                             "git push -q ../remote.git HEAD:work; git checkout -q main; echo d > d; git add -A; "
                             "git commit -qm others");
        base = in_person("git rev-parse main~1");
        head = in_person("git rev-parse work");
        before = in_person("git rev-parse main");
    }
    std::string in_person(const std::string& script) { return shell(folder.path() / "person", script); }
    commit_id found(const std::string& merge) {
        auto merged =
            in_person("{ " + merge + "; } >/dev/null 2>&1; git push -q ../remote.git HEAD:main; git rev-parse HEAD");
        EXPECT_TRUE(on_a_loop(mirrored.refresh()));
        auto was = on_a_loop(before_merge(mirrored, merged, head, base));
        EXPECT_TRUE(was) << sentence(was);
        return was.value_or("");
    }

    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    commit_id base, head, before;
};

} // namespace

TEST(before_merge, is_what_main_held_however_the_forge_merges) {
    EXPECT_EQ(forge_merge().before, forge_merge().found("git merge -q --no-ff -m 'Merge pull request #7' work"));
    EXPECT_EQ(forge_merge().before,
              forge_merge().found("git merge -q --squash work; git commit -qm 'one and two (#7)'"));
    EXPECT_EQ(forge_merge().before, forge_merge().found("git cherry-pick work~1 work"));
}

TEST(before_merge, of_what_the_mirror_does_not_have_is_an_error) {
    forge_merge at;
    EXPECT_EQ(at.found("git merge -q --no-ff -m m work"), at.before);
    EXPECT_FALSE(on_a_loop(before_merge(at.mirrored, std::string(40, '9'), at.head, at.base)));
}
