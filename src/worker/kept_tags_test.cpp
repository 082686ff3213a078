#include "base/temp_dir.hpp"
#include "coder/limits.hpp"
#include "worker/kept_tags.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

} // namespace

TEST(kept_tags, are_there_for_the_next_task_and_bounded) {
    temp_dir mirror;
    EXPECT_EQ(kept_tags(mirror.path()), "");
    keep_tags(mirror.path(), {});
    EXPECT_EQ(kept_tags(mirror.path()), "");
    keep_tags(mirror.path(), {"a c 1"});
    keep_tags(mirror.path(), {"b c 2"});
    auto file = kept_tags(mirror.path());
    EXPECT_EQ(text_of(file), "b c 2\na c 1\n");
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0644));
    std::vector<std::string> many;
    for (std::size_t i = 0, size = 0; size < limits::tags_bytes; size += limits::tag_row_bytes)
        many.push_back(std::to_string(i++) + " c " + std::string(limits::tag_row_bytes, 'x'));
    keep_tags(mirror.path(), many);
    EXPECT_LE(std::filesystem::file_size(file), limits::tags_bytes);
    EXPECT_TRUE(text_of(file).starts_with("0 c xxx"));
}
