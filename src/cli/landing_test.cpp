#include "cli/landing.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;

namespace {

const std::string commit(40, 'c'), base(40, 'b');

task in(state s) {
    task t{.id = {17}, .what = {.instruction = "mend it"}, .now = std::move(s)};
    t.known.base_branch = "main";
    t.known.on_base = landed{commit, base};
    return t;
}

} // namespace

TEST(landing, shows_what_would_be_done) {
    service::tasks::landing_offer offer{commit, "main", "mend it\nand more", true, {2, 3, 1}};
    EXPECT_EQ(offer_words({17}, offer, false, false),
              "Task 17 (\"mend it\", 2 files, +3 -1): commit cccccccccc is brought onto main.");
    EXPECT_EQ(offer_words({17}, offer, true, false),
              "Task 17 (\"mend it\", 2 files, +3 -1): what it brought to main with commit cccccccccc is taken back.");
    EXPECT_TRUE(offer_words({17}, offer, true, true).ends_with("is taken back, without any checks."));
}

TEST(landing, takes_a_commit_by_its_beginning) {
    EXPECT_EQ(whole_commit("", commit), commit);
    EXPECT_EQ(whole_commit("ccccccc", commit), commit);
    EXPECT_EQ(whole_commit("ccc", commit), std::nullopt);
    EXPECT_EQ(whole_commit("ccccccd", commit), std::nullopt);
}

TEST(landing, tells_its_end) {
    EXPECT_TRUE(landing_words(in(deployed{commit}))
                    .starts_with("Task 17: deployed. Deployed: main is at cccccccccc; before it was at bbbbbbbbbb.\n"));
    auto line = boost::json::parse(landing_json(in(rolled_back{std::string(40, 'f')}))).as_object();
    EXPECT_EQ(line["state"].as_string(), "rolled_back");
    EXPECT_EQ(line["commit"].as_string(), std::string(40, 'f'));
    EXPECT_EQ(line["before"].as_string(), commit);
    EXPECT_TRUE(came_through(in(deployed{commit}), false));
    EXPECT_FALSE(came_through(in(deployed{commit}), true));
}
