#include "cli/landing.hpp"

#include <cstdlib>

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
    offer.again = true;
    EXPECT_EQ(offer_words({17}, offer, false, false),
              "Task 17 (\"mend it\", 2 files, +3 -1): what commit cccccccccc took back is brought onto main again.");
}

TEST(landing, tells_how_many_have_to_agree) {
    service::tasks::landing_offer offer{commit, "main", "mend it", true, {2, 3, 1}};
    offer.needed = 3;
    offer.approvals = 1;
    EXPECT_TRUE(offer_words({17}, offer, false, false).ends_with("is brought onto main. It has 1 of 3 approvals."));
    EXPECT_EQ(waits_words({17}, {.approvals = 2, .needed = 3}),
              "Task 17: 2 of 3 approvals; it waits for another person who may deploy.");
    EXPECT_EQ(waits_json({17}, {.approvals = 2, .needed = 3}),
              R"({"event":"approved","task":"17","approvals":2,"needed":3})");
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

TEST(landing, of_one_that_was_not_seen_healthy_has_not_come_through) {
    auto t = in(deployed{commit});
    EXPECT_TRUE(boost::json::parse(landing_json(t)).at("health").is_null());
    t.known.seen = health{false, "It answers 502."};
    EXPECT_FALSE(came_through(t, false));
    EXPECT_EQ(boost::json::parse(landing_json(t)).at("health"), health_json(t));
    EXPECT_EQ(health_json(t), (boost::json::object{{"well", false}, {"said", "It answers 502."}}));
    t.known.seen->well = true;
    EXPECT_TRUE(came_through(t, false));
}

namespace {

struct landing_in_russian : testing::Test {
    void SetUp() override {
        ::unsetenv("LC_ALL");
        ::setenv("LANG", "ru_RU.UTF-8", 1);
    }
    void TearDown() override { ::unsetenv("LANG"); }
};

} // namespace

TEST_F(landing_in_russian, shows_what_would_be_done) {
    service::tasks::landing_offer offer{commit, "main", "mend it\nand more", true, {2, 3, 1}};
    EXPECT_EQ(offer_words({17}, offer, false, false),
              "Задача 17 («mend it», 2 файла, +3 -1): коммит cccccccccc будет внесён в main.");
    EXPECT_EQ(offer_words({17}, offer, false, true), offer_words({17}, offer, false, false));
    EXPECT_EQ(offer_words({17}, offer, true, false),
              "Задача 17 («mend it», 2 файла, +3 -1): то, что она внесла в main коммитом cccccccccc, будет откачено.");
    EXPECT_TRUE(offer_words({17}, offer, true, true).ends_with("будет откачено без проверок."));
    offer.again = true;
    EXPECT_EQ(offer_words({17}, offer, false, false),
              "Задача 17 («mend it», 2 файла, +3 -1): то, что откатил коммит cccccccccc, будет снова внесено в main.");
}

TEST_F(landing_in_russian, tells_its_end_and_programs_read_english) {
    auto t = in(deployed{commit});
    EXPECT_TRUE(landing_words(t).starts_with(
        "Задача 17: выложена. Выложено: main теперь на cccccccccc, до этого было bbbbbbbbbb.\n"))
        << landing_words(t);
    auto back = in(rolled_back{std::string(40, 'f')});
    EXPECT_TRUE(landing_words(back).starts_with(
        "Задача 17: откачена. Откачено: main теперь на ffffffffff, этот коммит отменяет cccccccccc.\n"))
        << landing_words(back);
    auto line = boost::json::parse(landing_json(back)).as_object();
    EXPECT_EQ(line["state"], "rolled_back");
    EXPECT_EQ(line["sentence"], "Rolled back: main is at ffffffffff, which takes cccccccccc back.");
}

TEST(landing, takes_no_commit_that_is_longer_or_another_than_the_one_that_is_there) {
    EXPECT_EQ(whole_commit(commit, commit), commit);
    EXPECT_EQ(whole_commit(commit + "c", commit), std::nullopt);
    EXPECT_EQ(whole_commit(base, commit), std::nullopt);
    EXPECT_EQ(whole_commit("cccccc", commit), std::nullopt) << "six digits, as little as nothing";
    EXPECT_EQ(whole_commit("CCCCCCC", commit), std::nullopt);
    EXPECT_EQ(whole_commit(" ccccccc", commit), std::nullopt);
}

TEST(landing, that_did_not_come_through_is_no_success_in_any_state) {
    for (const auto& name : state_names()) {
        auto t = in(*state_from(name));
        EXPECT_EQ(came_through(t, false), name == "deployed") << name;
        EXPECT_EQ(came_through(t, true), name == "rolled_back") << name;
        auto line = boost::json::parse(landing_json(t)).as_object();
        EXPECT_EQ(line["state"].as_string(), name);
        EXPECT_EQ(line["task"], "17");
        EXPECT_EQ(line["branch"], "main");
    }
    auto never = in(review{commit, verdict::ready});
    never.known.on_base.reset();
    auto line = boost::json::parse(landing_json(never)).as_object();
    EXPECT_EQ(line["commit"], "") << "nothing of it is on the base branch";
    EXPECT_EQ(line["before"], "");
}
