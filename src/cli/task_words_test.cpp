#include "base/unicode.hpp"
#include "cli/options.hpp"
#include "cli/task_table.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "mechanic/step.hpp"

#include <algorithm>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h;

queue::summary listed(std::string state, std::string verdict = "") {
    return {.id = {17},
            .created = noon - 1h,
            .changed = noon - 3min,
            .state = std::move(state),
            .verdict = std::move(verdict),
            .remote = "https://forge.example/ada/team.git",
            .instruction = "Mend the sum.",
            .cost_usd = 0.0111};
}

task in(state now) {
    task t{.id = {17}, .now = std::move(now)};
    t.known.branch = "mechanic/17-mend-the-sum";
    return t;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);)
        all.push_back(line);
    return all;
}

} // namespace

TEST(task_words, tell_times_as_people_do) {
    EXPECT_EQ(age(noon - 4s, noon), "just now");
    EXPECT_EQ(age(noon + 3s, noon), "just now") << "another machine's clock";
    EXPECT_EQ(age(noon - 59s, noon), "59 s ago");
    EXPECT_EQ(age(noon - 3min - 40s, noon), "3 min ago");
    EXPECT_EQ(age(noon - 119min, noon), "1 h ago");
    EXPECT_EQ(age(noon - 47h, noon), "47 h ago");
    EXPECT_EQ(age(noon - 48h, noon), "2 days ago");
    EXPECT_EQ(ahead(noon + 1ms, noon), "in 1 s");
    EXPECT_EQ(ahead(noon + 1h, noon), "in 1 h");
    EXPECT_EQ(ahead(noon - 1s, noon), "now");
    EXPECT_EQ(stamp(noon + 1250ms), "2026-11-23T12:00:01.250Z");
}

TEST(task_words, tell_money_and_numbers) {
    EXPECT_EQ(dollars(0), "-");
    EXPECT_EQ(dollars(0.0111), "$0.0111");
    EXPECT_EQ(cost_words({}), "no model call");
    EXPECT_EQ(cost_words({.cost_usd = 0.5, .estimated = true, .calls = 1}), "$0.5000 (estimated)");
    EXPECT_EQ(cost_words({.cost_usd = 0, .estimated = true, .calls = 1}), "price unknown (estimated)");
}

TEST(task_words, name_a_repository_by_what_tells_it_from_others) {
    EXPECT_EQ(short_remote("https://forge.example/ada/team.git"), "ada/team");
    EXPECT_EQ(short_remote("https://forge.example/group/sub/team/"), "sub/team");
    EXPECT_EQ(short_remote("git@forge.example:ada/team.git"), "ada/team");
    EXPECT_EQ(short_remote("/srv/git/team.git"), "team");
    EXPECT_EQ(short_remote("file:///srv/team"), "team");
    EXPECT_EQ(short_remote("team"), "team");
    EXPECT_EQ(short_remote("/"), "");
    EXPECT_EQ(short_remote("git@forge.example:team"), "git@forge.example:team");
}

TEST(task_words, tell_states_in_plain_words) {
    EXPECT_EQ(state_words(listed("queued")), "queued");
    EXPECT_EQ(state_words(listed("publishing")), "pushing");
    EXPECT_EQ(state_words(listed("review", "ready_unchecked")), "ready, unchecked");
    EXPECT_EQ(state_words(listed("failed", "no_change")), "no change");
    EXPECT_EQ(state_words(listed("parked")), "needs a person");
    auto s = listed("coding");
    EXPECT_EQ(state_words(s), "coding");
    s.round = 2;
    EXPECT_EQ(state_words(s), "coding, round 2");
    s.abort_wished = true;
    EXPECT_EQ(state_words(s), "being aborted");
    s = listed("waiting");
    for (auto why : {wait_reason::key, wait_reason::credit, wait_reason::day_budget, wait_reason::task_budget,
                     wait_reason::model_away, wait_reason::remote_away, wait_reason::world}) {
        s.wait_reason = to_string(why);
        EXPECT_TRUE(state_words(s).starts_with("waiting: ")) << s.wait_reason;
        EXPECT_LE(state_words(s).size(), 22U) << "it has to fit into a column";
        EXPECT_FALSE(wait_words(why).empty());
    }
    s.wait_reason = "of a later version";
    EXPECT_EQ(state_words(s), "waiting: of a later version");
}

TEST(task_words, every_state_has_a_next_step) {
    lease by{fence{1}, noon};
    for (const state& now : std::vector<state>{queued{}, preparing{1, by}, coding{1, 0, by}, checking{1, 0, by},
                                               publishing{1, "", by}, answering{1, by}, review{}, waiting{}, failed{},
                                               aborted{}, parked{}, expired{}, answered{}})
        EXPECT_FALSE(next_words(in(now)).empty()) << name_of(now);
    EXPECT_NE(next_words(in(waiting{wait_reason::key, noon, noon})).find("OPENROUTER_API_KEY"), std::string::npos);
    EXPECT_NE(next_words(in(review{"", verdict::ready})).find("mechanic/17-mend-the-sum"), std::string::npos);
    EXPECT_NE(next_words(in(review{"", verdict::tests_red})).find("persais log 17"), std::string::npos);
    EXPECT_NE(next_words(in(aborted{})).find("persais retry 17"), std::string::npos);
    auto back = in(rolled_back{std::string(40, 'c')});
    EXPECT_TRUE(next_words(back).starts_with("`persais deploy 17 --anyway` brings it back;")) << next_words(back);
    back.known.stands = standing{.made = {.commit = std::string(40, 'd')}, .how = verdict::ready};
    EXPECT_TRUE(next_words(back).starts_with("`persais deploy 17` brings it back;")) << next_words(back);
    auto late = in(failed{verdict::timed_out, "", ""});
    EXPECT_EQ(next_words(late).find("persais diff"), std::string::npos) << "there is none";
    late.known.made = work{};
    EXPECT_NE(next_words(late).find("persais diff 17"), std::string::npos);
}

TEST(task_words, what_is_held_back_can_be_pushed_or_given_back) {
    auto held_back = in(failed{verdict::secret_found, "", ""});
    held_back.known.held_back = held{};
    for (const auto& t : {held_back, [&] {
                              auto stands = in(review{"", verdict::ready});
                              stands.known.held_back = held{};
                              return stands;
                          }()}) {
        auto next = next_words(t);
        EXPECT_NE(next.find("persais diff 17"), std::string::npos) << next;
        EXPECT_NE(next.find("persais push 17"), std::string::npos) << next;
        EXPECT_NE(next.find("persais reply 17"), std::string::npos) << next;
    }
}

TEST(task_words, checks_stand_in_one_line) {
    facts k;
    EXPECT_EQ(checks_words(k), "none: no check command");
    k.check = {"make test", "flag"};
    k.before = check_outcome::red;
    k.rounds_used = 1;
    EXPECT_EQ(checks_words(k), "make test (flag): red before, not run after, 1 repair round");
}

TEST(task_table, fits_the_terminal_and_lines_up) {
    auto other = listed("waiting");
    other.id = {9};
    other.wait_reason = "remote_away";
    other.remote = "/srv/a-name-that-is-longer-than-any-column-may-be.git";
    other.instruction = "Почини сложение\x1b[2J, чтобы\nпустой ввод принимался без ошибки, и добавь к этому тест " +
                        std::string(100, 'x');
    auto third = listed("failed", "world_broken");
    for (std::size_t columns : {72U, 80U, 120U}) {
        auto table = lines(task_table({listed("review", "checks_could_not_run"), other, third}, noon, columns));
        ASSERT_EQ(table.size(), 4U);
        auto at = table[0].find("INSTRU");
        for (const auto& line : table) {
            EXPECT_LE(unicode::columns(line), columns) << line;
            EXPECT_EQ(line.find('\x1b'), line.npos);
        }
        EXPECT_EQ(table[1].substr(at - 2, 6), "  Mend");
        EXPECT_EQ(unicode::columns(table[2].substr(0, table[2].find("Почини"))), at) << "columns, not bytes";
        EXPECT_NE(table[2].find("Почини"), std::string::npos);
        EXPECT_NE(table[2].find("…"), std::string::npos);
    }
}

TEST(task_table, one_repository_needs_no_column) {
    auto table = lines(task_table({listed("queued"), listed("review", "ready")}, noon, 80));
    EXPECT_EQ(table[0], "TASK  STATE   SINCE      COST     INSTRUCTION");
    EXPECT_EQ(table[1], "17    queued  3 min ago  $0.0111  Mend the sum.");
    EXPECT_EQ(table[2], "17    ready   3 min ago  $0.0111  Mend the sum.");
}

TEST(task_table, json_has_the_words_of_the_contract) {
    auto o = summary_json(listed("review", "ready"));
    EXPECT_EQ(o["event"].as_string(), "task");
    EXPECT_EQ(o["task"].as_string(), "17");
    EXPECT_EQ(o["verdict"].as_string(), "ready");
    EXPECT_EQ(o["changed"].as_string(), "2026-11-23T11:57:00.000Z");
    EXPECT_EQ(o["cost_usd"].as_double(), 0.0111);
}

TEST(task_words, a_list_is_narrowed_down_by_the_words_that_it_shows) {
    auto choices = state_choices(i18n::language::en);
    auto among = [&](std::string_view word) { return std::ranges::find(choices, word) != choices.end(); };
    auto narrowed = [](const std::string& word) { return chosen_state(word); };
    // Each word that the column shows begins with a choice, which selects just that.
    for (auto [state, verdict] : std::vector<std::pair<const char*, const char*>>{{"publishing", ""},
                                                                                  {"parked", ""},
                                                                                  {"waiting", ""},
                                                                                  {"coding", ""},
                                                                                  {"review", "ready_unchecked"},
                                                                                  {"review", "tests_red"},
                                                                                  {"failed", "world_broken"},
                                                                                  {"failed", "timed_out"}}) {
        auto shown = state_words(listed(state, verdict));
        auto word = as_one_word(shown.substr(0, shown.find(':')));
        EXPECT_TRUE(among(word)) << word;
        if (std::string_view(verdict).empty())
            EXPECT_EQ(narrowed(word).state, state) << word;
        else
            EXPECT_EQ(narrowed(word).verdict, verdict) << word;
    }
    EXPECT_EQ(narrowed("parked").state, "parked") << "what programs read";
    EXPECT_EQ(narrowed("aborted").state, "aborted");
}
