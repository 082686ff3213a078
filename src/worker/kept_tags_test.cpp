#include "coder/limits.hpp"
#include "git/testing.hpp"
#include "worker/kept_tags.hpp"

using namespace persais;
using namespace persais::worker;
using namespace persais::git::testing;

namespace {

constexpr time_point day_9{std::chrono::days(9)};

struct known : world {
    std::string content(const std::string& path) { return in_mirror("rev-parse main:" + path); }
    void keep(std::vector<std::string> told, time_point now = day_9) {
        on_a_loop(keep_tags(mirrored, base, std::move(told), now));
    }
    fs::path file(time_point now = day_9) { return kept_tags(mirrored.folder(), now); }
};

} // namespace

TEST(kept_tags, are_there_for_the_next_task_and_bounded) {
    known w;
    EXPECT_EQ(w.file(), "");
    w.keep({});
    EXPECT_EQ(w.file(), "");
    auto content = w.content("a.txt"), a = content + " c 1", x = w.content("src/x.py") + " c 2";
    w.keep({a});
    w.keep({x});
    EXPECT_EQ(read(w.file()), "day 9\n" + x + "\n" + a + "\n");
    EXPECT_EQ(fs::status(w.file()).permissions(), fs::perms(0644));
    std::vector<std::string> many;
    for (std::size_t i = 0, size = 0; size < limits::tags_bytes; size += limits::tag_row_bytes)
        many.push_back(content + " c" + std::to_string(i++) + " " + std::string(limits::tag_row_bytes, 'x'));
    w.keep(many);
    EXPECT_LE(fs::file_size(w.file()), limits::tags_bytes);
    EXPECT_TRUE(read(w.file()).starts_with("day 9\n" + content + " c0 xxx"));
}

TEST(kept_tags, are_of_files_of_the_base_only) {
    known w;
    auto theirs = shell(w.folder.path() / "person", "echo later > later; git add later; git commit -q -m later; "
                                                    "git push -q ../remote.git HEAD:other; git rev-parse HEAD:later");
    ASSERT_TRUE(w.refresh());
    w.keep({theirs + " c 1", std::string(40, 'a') + " c 1", w.base + " c 1", w.content("src") + " c 1"});
    EXPECT_EQ(w.file(), "");
    w.keep({theirs + " c 1", w.content("a.txt") + " c 1"});
    EXPECT_EQ(read(w.file()), "day 9\n" + w.content("a.txt") + " c 1\n");
}

TEST(kept_tags, are_lent_for_a_week) {
    known w;
    auto a = w.content("a.txt") + " c 1", anew = w.content("a.txt") + " c 2";
    w.keep({a}, day_9);
    w.keep({anew}, day_9);
    EXPECT_EQ(read(w.file(day_9 + limits::tags_days)), "day 9\n" + a + "\n");
    auto later = day_9 + limits::tags_days + std::chrono::days(1);
    EXPECT_EQ(read(w.file(later)), "") << "and nobody has told anything meanwhile";
    w.keep({anew}, later);
    EXPECT_EQ(read(w.file(later)), "day 17\n" + anew + "\n");
}
