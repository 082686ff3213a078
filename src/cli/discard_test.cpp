#include "cli/discard.hpp"
#include "cli/task_card.hpp"
#include "cli/task_words.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;

namespace {

const std::string commit(40, 'c');

task_card in(state s) {
    task_card c{.task = {.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = std::move(s)}};
    auto& k = c.task.known;
    k.base = std::string(40, 'a');
    k.base_branch = "main";
    k.branch = "mechanic/17-mend-it";
    k.made = work{commit, {1, 2, 3}};
    k.stands = standing{.made = *k.made};
    return c;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST(discard, says_what_stays_and_how_it_is_undone) {
    EXPECT_EQ(discarded_words(in(discarded{commit}).task),
              "The result of task 17 is discarded; `persais undiscard 17` takes it up again.\n"
              "Its branch mechanic/17-mend-it stays at /srv/r.git; `git push /srv/r.git --delete mechanic/17-mend-it` "
              "removes it.\n");
    auto text = card_text(in(discarded{commit}));
    EXPECT_TRUE(text.starts_with("Task 17: discarded. Its result was put away, and can be taken up again.\n")) << text;
    EXPECT_TRUE(has(text, "`persais undiscard 17` takes its result up again")) << text;
    EXPECT_FALSE(has(text, "not pushed")) << text;
}

TEST(discard, is_a_state_of_its_own_in_json) {
    auto o = card_json(in(discarded{commit}));
    EXPECT_EQ(o["state"], "discarded");
    EXPECT_EQ(o["verdict"], "aborted");
    EXPECT_EQ(o["pushed"], true);
    EXPECT_EQ(o["pushed_commit"].as_string(), commit);
    EXPECT_EQ(o["branch_seen"], "ours");
}

TEST(branch_stays, says_what_is_known_of_it_and_no_more) {
    auto t = in(aborted{}).task;
    t.known.stands.reset();
    EXPECT_EQ(branch_stays(t), "") << "nothing was pushed";
    t.known.decided = verdict::ready; // the abort came while it was pushed
    EXPECT_TRUE(branch_stays(t).starts_with("Whether its branch mechanic/17-mend-it is at /srv/r.git is not known"));
    t.known.branch_moved = true;
    EXPECT_EQ(branch_stays(t), "") << "it is not ours";
}

TEST(branch, that_is_not_ours_any_more_is_told_as_that) {
    auto c = in(parked{"The branch was deleted there."});
    c.task.known.branch_moved = true;
    EXPECT_TRUE(has(card_text(c), "mechanic/17-mend-it (when last looked at, it was deleted there or had work of "
                                  "somebody else), on main"))
        << card_text(c);
    auto o = card_json(c);
    EXPECT_EQ(o["pushed"], false);
    EXPECT_EQ(o["pushed_commit"], "");
    EXPECT_EQ(o["branch_seen"], "not_ours");
}

TEST(landing, stands_in_json_while_it_is_under_way_and_when_it_is_there) {
    auto c = in(deploying{1, 2, commit, {}});
    EXPECT_TRUE(card_json(c)["landing"].is_null());
    EXPECT_TRUE(card_json(c)["on_base"].is_null());
    c.task.known.lands = landing{.commit = commit, .by = "terminal", .step = landing_step::check, .tries = 2};
    auto l = card_json(c)["landing"].as_object();
    EXPECT_EQ(l["what"], "deploy");
    EXPECT_EQ(l["commit"].as_string(), commit);
    EXPECT_EQ(l["by"], "terminal");
    EXPECT_EQ(l["step"], "check");
    EXPECT_EQ(l["tries"], 2);
    c.task.known.lands->what = landing::kind::roll_back;
    EXPECT_EQ(card_json(c)["landing"].as_object()["what"], "roll_back");
    c.task.known.on_base = landed{commit, std::string(40, 'b')};
    auto on = card_json(c)["on_base"].as_object();
    EXPECT_EQ(on["commit"].as_string(), commit);
    EXPECT_EQ(on["before"].as_string(), std::string(40, 'b'));
}
