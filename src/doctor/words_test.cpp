// How findings are worded: similar names, boxes, lines.
#include "doctor/agent.hpp"
#include "doctor/boxes.hpp"
#include "doctor/probes.hpp"
#include "doctor/questions.hpp"
#include "doctor/report.hpp"
#include "doctor/resemblance.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::doctor;

TEST(resemblance, puts_the_family_before_the_vendor_and_the_newest_first) {
    llm::model_list all;
    for (const auto* name :
         {"acme/opus-4", "acme/opus-4.5", "acme/opus-4.5:free", "acme/haiku-9", "zeta/opus-1", "zeta/mini"})
        all[name] = {};
    auto names = resembling(all, "acme/opus-3");
    EXPECT_EQ(names, (std::vector<std::string>{"acme/opus-4.5", "acme/opus-4", "acme/opus-4.5:free", "zeta/opus-1",
                                               "acme/haiku-9"}));
    EXPECT_TRUE(resembling(all, "quite/other").empty());
}

TEST(questions, a_remote_is_asked_for_what_it_is_reached_by) {
    question token{.name = "GIT_ACCESS_TOKEN"}, key{.name = "GIT_SSH_KEY"};
    for (auto remote : {"https://h/a/b", "HTTP://h/a"})
        EXPECT_TRUE(applies(token, remote, false) && !applies(key, remote, false)) << remote;
    for (auto remote : {"ssh://git@h/a", "git+ssh://h/a", "git@h:a/b", "h:a/b"})
        EXPECT_TRUE(!applies(token, remote, false) && applies(key, remote, false)) << remote;
    for (auto remote : {"", "/srv/a", "../git@a", "file:///srv/a"})
        EXPECT_TRUE(!applies(token, remote, false) && !applies(key, remote, false)) << remote;
}

TEST(clock, is_held_against_the_others_within_what_they_leave_open) {
    asio::io_context io(1);
    http::client client(io.get_executor());
    config::settings s;
    subject of{.settings = s, .exe_folder = {}, .client = client};
    EXPECT_EQ(probe_clock(of).how, grade::skipped);
    of.clocks = {{"the database", 0.01, 0.01}, {"Telegram", 30.5, 1}};
    EXPECT_EQ(probe_clock(of).how, grade::ok);
    of.clocks.push_back({"the forge", -45, 1});
    auto found = probe_clock(of);
    EXPECT_EQ(found.how, grade::warn);
    EXPECT_EQ(found.sentence, "This machine's clock goes 45 s before that of the forge.");
}

TEST(dates, are_read_as_apis_write_them) {
    EXPECT_EQ(http_date("Thu, 01 Jan 1970 00:01:00 GMT"), 60);
    EXPECT_FALSE(http_date("soon"));
    EXPECT_LT(days_until("2020-01-01").value(), -365);
    EXPECT_GT(days_until("2999-01-01 10:00:00 UTC").value(), 365);
    EXPECT_FALSE(days_until(""));
}

TEST(boxes, are_ticked_by_the_worst_of_their_probes) {
    findings seen{ok("database", "It answers."), failed("pool", "It does not open.", "Lower it."),
                  ok("port", "Free.", {{"running", false}}), warn("settings", "Valid.", "A note.")};
    auto all = boxes(seen, {});
    ASSERT_EQ(all.size(), 8);
    EXPECT_EQ(all[6].how, grade::fail);
    EXPECT_EQ(all[6].sentence, "It does not open.");
    EXPECT_EQ(all[6].advice, "Lower it.");
    EXPECT_EQ(all[3].how, grade::skipped);
    EXPECT_EQ(all[7].how, grade::warn);
    EXPECT_EQ(all[0].how, grade::skipped);
    seen = {ok("remote", "Read."), ok("push", "Rehearsed."), skipped("token", "No forge."),
            skipped("answer", "No key.")};
    EXPECT_EQ(boxes(seen, {})[4].how, grade::ok);
    EXPECT_EQ(boxes(seen, {})[5].how, grade::skipped);
    seen.clear();
    EXPECT_EQ(boxes(seen, {.container = true, .installed = true})[0].how, grade::ok);
    EXPECT_EQ(boxes(seen, {.container = true, .fly_app = "acme"})[2].how, grade::ok);
}

TEST(sandbox_advice, fits_the_machine) {
    const std::string why = "bubblewrap could not start a program (bwrap: No permissions to create a new namespace)";
    auto says = [&](restraints here, std::string_view words) {
        auto advice = sandbox_advice(why, here);
        EXPECT_TRUE(advice.contains(words)) << advice;
    };
    says({.ordinary = true, .apparmor = true}, "kernel.apparmor_restrict_unprivileged_userns=0");
    says({.ordinary = true, .container = true, .apparmor = true}, "seccomp=deploy/seccomp.json, apparmor=unconfined");
    says({.ordinary = true, .debian = true}, "kernel.unprivileged_userns_clone=1");
    says({.apparmor = true, .none = true}, "user.max_user_namespaces");
    says({}, "Elsewhere look for");
    EXPECT_TRUE(sandbox_advice("bubblewrap is not installed", {.container = true}).contains("package bubblewrap"));
}

TEST(report, is_aligned_and_has_words_in_a_pipe) {
    findings seen{ok("data", "There is room."), failed("database", "It is \x1b[31mnot\x1b[0m there.", "Name one.")};
    EXPECT_EQ(words(seen, {}), "ok      data      There is room.\n"
                               "fail    database  It is not there.\n"
                               "                  -> Name one.\n");
    EXPECT_EQ(words(seen, {.marks = true}), "✓ data      There is room.\n"
                                            "✗ database  It is not there.\n"
                                            "            → Name one.\n");
    EXPECT_EQ(summary(seen), "1 failed (database).");
    EXPECT_EQ(json_result(seen),
              R"({"event":"result","status":"fail","failed":["database"],"warned":[],"skipped":[]})");
}

TEST(report, gives_the_same_advice_once) {
    findings seen{failed("settings", "PORT: is no number.", "Correct it."),
                  failed("settings", "HOST: is no address.", "Correct it.")};
    EXPECT_EQ(words(seen, {}), "fail    settings  PORT: is no number.\n"
                               "fail    settings  HOST: is no address.\n"
                               "                  -> Correct it.\n");
    EXPECT_EQ(summary(seen), "2 failed (settings).");
    EXPECT_EQ(json_result(seen),
              R"({"event":"result","status":"fail","failed":["settings"],"warned":[],"skipped":[]})");
}

TEST(report, breaks_long_sentences_where_the_terminal_ends) {
    auto text = words({ok("x", "one two three four five six seven eight nine ten eleven twelve")},
                      {.marks = true, .columns = 45});
    EXPECT_EQ(text, "✓ x  one two three four five six seven eight\n     nine ten eleven twelve\n");
}

TEST(stream, shows_each_finding_as_it_comes_and_what_was_not_tried_last) {
    std::vector<std::string> shown;
    stream lines({}, [&](const std::string& text) { shown.push_back(text); });
    lines.add({skipped("telegram", "No bot is set.")});
    EXPECT_TRUE(shown.empty());
    lines.add({ok("data", "Fine."), skipped("push", "No remote."), failed("key", "Refused.", "Name another.")});
    ASSERT_EQ(shown.size(), 1U) << "at once";
    EXPECT_EQ(shown[0], "ok      data      Fine.\n"
                        "fail    key       Refused.\n"
                        "                  -> Name another.\n")
        << "aligned with those to come";
    lines.end();
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[1], "skipped telegram  No bot is set.\n"
                        "skipped push      No remote.\n");
}
