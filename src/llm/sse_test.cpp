#include "llm/limits.hpp"
#include "llm/sse.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

using namespace persais::llm;

namespace {

struct kept {
    std::string raw, data;
    bool comment;
    auto operator<=>(const kept&) const = default;
};

std::vector<kept> all(std::string_view text, std::size_t cut) {
    sse_parser p;
    std::vector<kept> out;
    for (std::size_t at = 0; at < text.size(); at += cut)
        for (const auto& e : p.feed(text.substr(at, cut)))
            out.push_back({std::string(e.raw), std::string(e.data), e.comment});
    return out;
}

} // namespace

TEST(sse, finds_the_same_events_however_the_bytes_are_cut) {
    std::string text =
        ": OPENROUTER PROCESSING\n\ndata: {\"a\":1}\n\nevent: x\ndata:two\ndata: lines\n\ndata: [DONE]\n\n";
    for (std::string ending : {"\n", "\r\n", "\r"}) {
        std::string other;
        for (char c : text)
            other += c == '\n' ? ending : std::string(1, c);
        for (std::size_t cut = 1; cut <= other.size(); ++cut) {
            auto events = all(other, cut);
            ASSERT_EQ(events.size(), 4u) << cut;
            EXPECT_TRUE(events[0].comment);
            EXPECT_EQ(events[0].raw, ": OPENROUTER PROCESSING\n\n");
            EXPECT_EQ(events[1].data, "{\"a\":1}");
            EXPECT_EQ(events[1].raw, "data: {\"a\":1}\n\n");
            EXPECT_EQ(events[2].data, "two\nlines");
            EXPECT_EQ(events[2].raw, "event: x\ndata:two\ndata: lines\n\n");
            EXPECT_EQ(events[3].data, "[DONE]");
        }
    }
}

TEST(sse, a_comment_comes_out_before_the_event_that_follows_it) {
    sse_parser p;
    auto events = p.feed(": still here\n");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_TRUE(events[0].comment);
    EXPECT_TRUE(p.feed("data: half").empty());
    EXPECT_TRUE(p.inside());
    EXPECT_EQ(p.feed("\n\n").size(), 1u);
    EXPECT_FALSE(p.inside());
}

TEST(sse, a_comment_inside_an_event_stays_in_it) {
    auto events = all("data: a\n: note\ndata: b\n\n", 100);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].data, "a\nb");
    EXPECT_EQ(events[0].raw, "data: a\n: note\ndata: b\n\n");
}

TEST(sse, blank_lines_alone_are_no_event) {
    EXPECT_TRUE(all("\n\n\r\n\n", 1).empty());
}

TEST(sse, an_event_says_the_same_however_often_it_was_cut_and_whatever_came_before) {
    std::string text;
    for (int i = 0; i < 50; ++i)
        text += "id: " + std::to_string(i) + "\n: between\ndata\ndata: a\r\ndata:  b" + std::string(i * 7 % 60, 'x') +
                "\rretry: 1\n\n:still here\n\n\nevent: none\n\ndata: only " + std::to_string(i) + "\n\n";
    const auto whole = all(text, text.size());
    ASSERT_EQ(whole.size(), 200u);
    EXPECT_EQ(whole[4].data, "\na\n bxxxxxxx");
    EXPECT_EQ(whole[4].raw, "id: 1\n: between\ndata\ndata: a\ndata:  bxxxxxxx\nretry: 1\n\n");
    EXPECT_EQ(whole[5].raw, ":still here\n\n");
    EXPECT_EQ(whole[6], (kept{"event: none\n\n", "", false}));
    EXPECT_EQ(whole[7], (kept{"data: only 1\n\n", "only 1", false}));
    for (std::size_t cut = 1; cut < 200; ++cut)
        ASSERT_EQ(all(text, cut), whole) << cut;
}

TEST(sse, an_event_without_end_has_a_limit) {
    sse_parser p;
    EXPECT_THROW(p.feed("data: " + std::string(persais::limits::model_event_bytes, 'x')), std::length_error);
    sse_parser of_lines;
    const auto line = "data: " + std::string(1000, 'x') + "\n";
    EXPECT_THROW(
        {
            for (std::size_t bytes = 0; bytes <= persais::limits::model_event_bytes; bytes += line.size())
                EXPECT_TRUE(of_lines.feed(line).empty());
        },
        std::length_error);
}
