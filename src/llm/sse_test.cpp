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

TEST(sse, the_limit_is_each_events_however_it_is_cut_and_whatever_comes_beside_it) {
    constexpr auto most = persais::limits::model_event_bytes;
    auto raw_of = [](std::size_t bytes) { return "data: " + std::string(bytes - 8, 'x') + "\n\n"; };
    for (std::size_t cut : {std::size_t{4096}, std::size_t{9973}, 2 * most}) {
        auto whole = all("data: before\n\n" + raw_of(most + 1) + raw_of(most + 1), cut); // its last LF does not count
        ASSERT_EQ(whole.size(), 3u);
        EXPECT_EQ(whole[2].raw.size(), most + 1);
        EXPECT_THROW(all("data: before\n\n" + raw_of(most + 2), cut), std::length_error) << cut;
        EXPECT_THROW(all(": " + std::string(most, 'x') + "\n", cut), std::length_error) << "a comment, " << cut;
    }
    std::string many;
    for (std::size_t i = 0; many.size() < 2 * most; ++i)
        many += "data: " + std::to_string(i) + std::string(1000, 'x') + "\n\n";
    EXPECT_EQ(all(many, many.size()).back().raw.size(), many.size() - many.rfind("data:"));
}

TEST(sse, a_field_is_named_up_to_its_first_colon_and_one_space_after_it_is_no_part_of_its_value) {
    for (auto [line, data] : {std::pair("data:a:b", "a:b"),
                              {"data:  a ", " a "},
                              {"data", ""},
                              {"data:", ""},
                              {"data: ", ""},
                              {"Data: a", ""},
                              {"data : a", ""},
                              {"database: a", ""},
                              {"data: \xEF\xBB\xBF{}", "\xEF\xBB\xBF{}"}}) {
        auto events = all(std::string(line) + "\n\n", 1);
        ASSERT_EQ(events.size(), 1u) << line;
        EXPECT_EQ(events[0], (kept{std::string(line) + "\n\n", data, false})) << line;
    }
    EXPECT_EQ(all("data: a\ndata\ndata:\ndata: b\n\n", 3).at(0).data, "a\n\n\nb") << "empty lines count";
}

TEST(sse, a_stream_that_stops_anywhere_gave_only_whole_events) {
    const std::string text = "data: 1\r\n\r\n: ping\r\n\r\nid: 7\r\ndata: 2\r\ndata: 3\r\n\r\n";
    const auto whole = all(text, text.size());
    ASSERT_EQ(whole.size(), 3u);
    std::size_t before = 0;
    for (std::size_t end = 0; end <= text.size(); ++end) {
        sse_parser p;
        std::vector<kept> got;
        for (char c : text.substr(0, end))
            for (const auto& e : p.feed({&c, 1}))
                got.push_back({std::string(e.raw), std::string(e.data), e.comment});
        ASSERT_LE(got.size(), before + 1) << end;
        ASSERT_TRUE(std::equal(got.begin(), got.end(), whole.begin())) << end;
        before = got.size();
    }
    EXPECT_EQ(before, 3u);
}
