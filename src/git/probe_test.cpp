#include "git/probe.hpp"
#include "git/testing.hpp"

#include <unistd.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

struct place {
    open_temp_dir folder;
    remote where{.url = (folder.path() / "remote.git").string()};
    outcome<remote_look> look() { return on_a_loop(look_at(folder.path() / "own", where)); }
    outcome<void> rehearse() { return on_a_loop(rehearse_push(folder.path() / "own", where)); }
};

} // namespace

TEST(look_at, tells_the_branches_and_the_head_of_a_remote) {
    place at;
    shell(at.folder.path(), "git init -q --bare remote.git; git init -q person; cd person; touch a; git add a; "
                            "git commit -qm one; git push -q ../remote.git main main:other");
    auto seen = at.look();
    ASSERT_TRUE(seen) << seen.error().sentence;
    EXPECT_EQ(seen->head, "main");
    EXPECT_EQ(seen->branches, (std::set<std::string>{"main", "other"}));
    EXPECT_TRUE(seen->local);
}

TEST(look_at, says_what_is_not_there) {
    place at;
    auto seen = at.look();
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().kind, error_kind::not_found);
}

TEST(rehearse_push, leaves_nothing_and_starts_no_hook) {
    place at;
    shell(at.folder.path(), "git init -q --bare remote.git; mkdir -p remote.git/hooks; "
                            "printf '#!/bin/sh\\ntouch ../hooked\\n' > remote.git/hooks/pre-receive; "
                            "chmod +x remote.git/hooks/pre-receive; find remote.git | sort > before");
    auto done = at.rehearse();
    EXPECT_TRUE(done) << done.error().sentence;
    shell(at.folder.path(), "find remote.git | sort | diff - before; test ! -e hooked");
}

TEST(rehearse_push, finds_a_folder_that_may_not_be_written) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    place at;
    shell(at.folder.path(), "git init -q --bare remote.git; chmod 555 remote.git/objects");
    auto done = at.rehearse();
    shell(at.folder.path(), "chmod 755 remote.git/objects");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, error_kind::no_push);
}
