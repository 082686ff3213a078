#include "coder/aider_protocol.hpp"
#include "coder/limits.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::coder;

TEST(report, is_told_as_it_comes) {
    report_reader r;
    std::vector<mechanic::progress> progress;
    listener tell{.progress = [&](const mechanic::progress& doing) { progress.push_back(doing); }, .text = {}};
    r.read("{\"event\":\"progress\",\"kind\":\"editing\",\"subject\":\"a\\u001b[1m.py\"}", tell);
    r.read("{\"event\":\"text\",\"text\":\"nobody listens\"}", tell);
    r.read("noise", tell);
    r.read("{\"event\":\"result\",\"verdict\":\"edited\",\"files\":[\"a.py\"],\"answer\":\"done\","
           "\"conversation\":[{\"role\":\"user\",\"content\":\"x\"}]}",
           tell);
    EXPECT_EQ(progress, (std::vector<mechanic::progress>{{mechanic::progress::kind::editing, "a.py"}}));
    auto said = r.finish(0, "");
    EXPECT_EQ(said.how, ending::edited);
    EXPECT_EQ(said.files, std::vector<std::string>{"a.py"});
    EXPECT_EQ(said.conversation, R"([{"role":"user","content":"x"}])");
}

TEST(report, names_failed_edits_in_one_line_each) {
    report_reader r;
    r.read("{\"event\":\"result\",\"verdict\":\"edited\",\"edits_failed\":[\"a`b\\nSigned-off-by: x\\u0000\", \"" +
               std::string(5000, 'x') + "\"]}",
           {});
    auto said = r.finish(0, "");
    ASSERT_EQ(said.edits_failed.size(), 2U);
    EXPECT_EQ(said.edits_failed[0].find_first_of(std::string("`\n\0", 3)), std::string::npos);
    EXPECT_EQ(said.edits_failed[1].size(), limits::shown_path_bytes);
}

TEST(report, a_success_that_the_exit_code_denies_is_none) {
    report_reader r;
    r.read("{\"event\":\"result\",\"verdict\":\"edited\"}", {});
    EXPECT_EQ(r.finish(70, "Traceback\nMemoryError\n").how, ending::crashed);
}

TEST(report, none_at_all_is_a_crash_with_its_last_words) {
    report_reader r;
    EXPECT_NE(r.finish(1, "Traceback\nImportError: no aider\n").reason.find("ImportError: no aider"),
              std::string::npos);
}

TEST(job, is_what_the_wrapper_reads) {
    job j{.instruction = "/run \"x\"", .model = {.name = "a/b"}, .gateway_token = secret("t")};
    aider_paths inside{.tree = "/work/tree", .scratch = "/home/agent", .gateway_socket = "/s"};
    auto o = boost::json::parse(to_json(j, inside, {})).as_object();
    EXPECT_EQ(o.at("mode"), "edit");
    EXPECT_EQ(o.at("instruction"), "/run \"x\"");
    EXPECT_EQ(o.at("model"), "a/b");
    EXPECT_EQ(o.at("gateway"), (boost::json::object{{"socket", "/s"}, {"token", "t"}}));
    EXPECT_TRUE(o.at("weak_model").is_null());
    EXPECT_FALSE(o.contains("limits"));
    j.conversation = "broken";
    j.model.context_tokens = 9;
    o = boost::json::parse(to_json(j, inside, {.weak_model = "a/small", .edit_format = "whole"})).as_object();
    EXPECT_TRUE(o.at("conversation").as_array().empty());
    EXPECT_EQ(o.at("weak_model"), "a/small");
    EXPECT_EQ(o.at("edit_format"), "whole");
    EXPECT_EQ(o.at("limits"), (boost::json::object{{"max_input_tokens", 9}}));
}
