#include "git/testing.hpp"
#include "service/diffs.hpp"

using namespace persais;
using git::testing::on_a_loop;
using kind = service::task_diff::kind;

namespace {

// Made from pieces, so that nothing in this repository looks like a token.
const std::string token = std::string("gh") + "p_" + "Zr2Lw9KdTx5VnHs3GyPb7MfCj4RkEa6WuXoD";

struct shown : ::testing::Test {
    /// A task whose newest work adds this line to a file.
    mechanic::task with_line(const std::string& line) {
        EXPECT_TRUE(w.make_tree());
        w.agent("printf '%s\\n' '" + line + "' >> a.txt");
        auto taken = w.import();
        EXPECT_TRUE(taken);
        mechanic::task t{.id = {7}, .what = {.remote = w.remote_path().string()}};
        t.known.base = w.base;
        t.known.made = mechanic::work{.commit = taken->commit};
        return t;
    }
    kind of(const mechanic::task& t) {
        config::settings settings;
        service::remote_tokens none;
        service::mirror_diffs all(w.folder.path() / "mirrors", settings, none);
        return on_a_loop(all.read(t, "", service::diff_range::whole, 1 << 20)).what;
    }
    git::testing::world w;
};

} // namespace

TEST_F(shown, is_work_that_was_not_pushed_when_nothing_in_it_looks_like_a_credential) {
    EXPECT_EQ(of(with_line("an ordinary line")), kind::there);
}

TEST_F(shown, is_no_credential_of_work_that_nobody_has_let_be_pushed) {
    auto t = with_line(token);
    EXPECT_EQ(of(t), kind::withheld) << "while its checks run, or after a time limit";
    t.known.stands = mechanic::standing{.made = *t.known.made};
    EXPECT_EQ(of(t), kind::there) << "it stands at the remote: it is allowed there, or a person let it be pushed";
}
