#include "sandbox/limits.hpp"
#include "sandbox/lines.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace persais::sandbox {
namespace {

std::vector<line> all_of(line_buffer& from) {
    std::vector<line> lines;
    while (auto one = from.next())
        lines.push_back(std::move(*one));
    return lines;
}

TEST(lines, are_the_same_however_the_bytes_come) {
    for (std::size_t piece = 1; piece < 9; ++piece) {
        std::string_view text = "one\n\ntwo\nthe last has no end";
        line_buffer buffer;
        for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
            buffer.add(text.substr(0, piece));
        EXPECT_EQ(all_of(buffer), (std::vector<line>{{"one"}, {""}, {"two"}})) << piece;
        buffer.finish();
        EXPECT_EQ(all_of(buffer), (std::vector<line>{{"the last has no end"}})) << piece;
        buffer.finish();
        EXPECT_EQ(buffer.next(), std::nullopt);
    }
}

TEST(lines, an_endless_one_is_cut_and_the_next_is_whole) {
    line_buffer buffer;
    std::string piece(limits::process_line_bytes / 2 + 1, 'x');
    buffer.add(std::string(limits::process_line_bytes, 'y') + "\n");
    for (int i = 0; i < 5; ++i)
        buffer.add(piece);
    buffer.add("\nnext\n");
    auto lines = all_of(buffer);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_FALSE(lines[0].cut);
    EXPECT_EQ(lines[0].text.size(), limits::process_line_bytes);
    EXPECT_TRUE(lines[1].cut);
    EXPECT_EQ(lines[1].text.size(), limits::process_line_bytes);
    EXPECT_EQ(lines[2], (line{"next"}));
}

TEST(lines, without_text_take_room_too) {
    line_buffer buffer;
    buffer.add(std::string(1000, '\n'));
    EXPECT_GE(buffer.bytes(), 1000 * sizeof(line));
    all_of(buffer);
    EXPECT_EQ(buffer.bytes(), 0U);
}

} // namespace
} // namespace persais::sandbox
