#include "coder/aider_protocol.hpp"
#include "coder/limits.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::coder;

TEST(report, is_read_in_pieces) {
    report_reader r;
    std::string out = "{\"event\":\"progress\",\"text\":\"editing a\\u001b[1m.py\"}\nnoise\n"
                      "{\"event\":\"result\",\"verdict\":\"edited\",\"files\":[\"a.py\"],\"answer\":\"done\","
                      "\"conversation\":[{\"role\":\"user\",\"content\":\"x\"}]}\n";
    std::vector<report_reader::line> lines;
    for (char c : out)
        for (auto& l : r.feed({&c, 1}))
            lines.push_back(l);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].text, "editing a.py");
    auto said = r.finish(0, "");
    EXPECT_EQ(said.how, ending::edited);
    EXPECT_EQ(said.files, std::vector<std::string>{"a.py"});
    EXPECT_EQ(said.conversation, R"([{"role":"user","content":"x"}])");
}

TEST(report, a_success_that_the_exit_code_denies_is_none) {
    report_reader r;
    r.feed("{\"event\":\"result\",\"verdict\":\"edited\"}\n");
    EXPECT_EQ(r.finish(70, "Traceback\nMemoryError\n").how, ending::crashed);
}

TEST(report, none_at_all_is_a_crash_with_its_last_words) {
    report_reader r;
    EXPECT_NE(r.finish(1, "Traceback\nImportError: no aider\n").reason.find("ImportError: no aider"),
              std::string::npos);
}

TEST(report, an_endless_line_is_dropped_and_the_next_is_read) {
    report_reader r;
    std::string piece(1 << 20, 'x');
    for (std::size_t n = 0; n <= limits::agent_line_bytes; n += piece.size())
        r.feed(piece);
    r.feed("\n{\"event\":\"result\",\"verdict\":\"no_change\"}\n");
    EXPECT_EQ(r.finish(1, "").how, ending::no_change);
}

TEST(job, is_what_the_wrapper_reads) {
    job j{.tree = "/work/tree",
          .scratch = "/home/agent",
          .instruction = "/run \"x\"",
          .model = "a/b",
          .gateway_socket = "/s",
          .gateway_token = "t"};
    auto o = boost::json::parse(to_json(j)).as_object();
    EXPECT_EQ(o.at("mode"), "edit");
    EXPECT_EQ(o.at("instruction"), "/run \"x\"");
    EXPECT_TRUE(o.at("weak_model").is_null());
    EXPECT_FALSE(o.contains("limits"));
    j.conversation = "broken";
    EXPECT_TRUE(boost::json::parse(to_json(j)).as_object().at("conversation").as_array().empty());
}
