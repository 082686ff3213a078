#include "http/testing.hpp"
#include "worker/request_merge.hpp"

#include <deque>
#include <map>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const std::string head(40, 'c'), tip(40, 'e'), merged(40, 'd'), page = "https://forge.example/7";

forge::request open_one(const std::string& how = "clean") {
    return {.number = 7, .page = page, .id = "PR_7", .head = head, .merge_info = how};
}

/// A forge that answers what a test says, one thing after the other; the last answer stays.
struct scripted_requests final : forge::requests {
    std::deque<std::vector<forge::request>> listed{{}};
    std::deque<forge::request> shown{open_one()};
    std::deque<forge::outcome<std::string>> merges{merged};
    forge::outcome<forge::request> opened{open_one()};
    std::string main = tip;
    forge::obstacle obstacle;
    std::vector<std::string> ways{"merge"};
    std::vector<std::string> asked;

    template <class T>
    static T next(std::deque<T>& all) {
        auto first = all.front();
        if (all.size() > 1) all.pop_front();
        return first;
    }
    std::string_view name() const override { return "The forge"; }
    forge::readiness readiness_of(const forge::request& which) const override {
        using enum forge::readiness;
        static const std::map<std::string, forge::readiness> words{
            {"clean", ready}, {"dirty", conflict}, {"blocked", blocked}, {"behind", outdated}, {"draft", blocked}};
        auto found = words.find(which.merge_info);
        return found == words.end() ? unknown : found->second;
    }
    awaitable<forge::outcome<std::vector<forge::request>>> of_branch(std::string branch, std::string base) override {
        asked.push_back("list " + branch + " " + base);
        co_return next(listed);
    }
    awaitable<forge::outcome<forge::request>> open(forge::new_request what) override {
        asked.push_back("open " + what.branch + (what.draft ? " draft" : ""));
        co_return opened;
    }
    awaitable<forge::outcome<forge::request>> read(int) override { co_return next(shown); }
    awaitable<forge::outcome<void>> end_draft(forge::request) override {
        asked.emplace_back("end draft");
        co_return forge::outcome<void>{};
    }
    awaitable<forge::outcome<std::string>> tip_of(std::string) override { co_return main; }
    awaitable<forge::outcome<forge::obstacle>> obstacle_to(forge::request, std::string, time_point) override {
        co_return obstacle;
    }
    awaitable<forge::outcome<std::vector<std::string>>> ways_to_merge() override { co_return ways; }
    awaitable<forge::outcome<std::string>> merge(forge::request which, std::string way) override {
        asked.push_back("merge " + way + " at " + which.head);
        co_return next(merges);
    }
};

struct request_merge : ::testing::Test, http::testing::loop {
    scripted_requests at;
    system_clock time;
    int known = 0;
    int offered = 0;
    std::optional<mechanic::event> no_offer;

    request_end merge() {
        std::optional<request_end> end;
        io.restart(); // for a second one
        run([&]() -> awaitable<> {
            request_plan plan{.branch = "b",
                              .base = "main",
                              .head = head,
                              .onto = tip,
                              .known = known,
                              .title = "T",
                              .body = "B",
                              .most = 1h,
                              .offer = [this]() -> awaitable<std::optional<mechanic::event>> {
                                  ++offered;
                                  co_return no_offer;
                              },
                              .tell = [](const auto&) {},
                              .every = 1ms};
            end = co_await merge_by_request(at, std::move(plan), time);
        });
        return std::move(*end);
    }
    template <class Event>
    Event ended() {
        auto end = merge();
        auto* e = std::get_if<mechanic::event>(&end);
        EXPECT_TRUE(e && std::holds_alternative<Event>(*e)) << "merged, or another event";
        return e && std::holds_alternative<Event>(*e) ? std::get<Event>(*e) : Event{};
    }
    std::string came_as() {
        auto end = merge();
        auto* m = std::get_if<merged_request>(&end);
        return m ? m->commit : "not merged";
    }
    bool merges_asked() const {
        return std::ranges::any_of(at.asked, [](auto& line) { return line.starts_with("merge "); });
    }
};

} // namespace

TEST_F(request_merge, opens_one_and_merges_it_at_what_was_approved) {
    at.shown = {open_one(""), open_one("unknown"), open_one()};
    EXPECT_EQ(came_as(), merged);
    EXPECT_EQ(at.asked, (std::vector<std::string>{"list b main", "open b", "merge merge at " + head}));
    EXPECT_EQ(offered, 1);
}

TEST_F(request_merge, finds_the_one_that_is_open_and_ends_its_draft) {
    auto draft = open_one("draft");
    draft.draft = true;
    at.listed = {{draft}};
    at.shown = {draft, open_one()};
    EXPECT_EQ(came_as(), merged);
    EXPECT_EQ(at.asked, (std::vector<std::string>{"list b main", "end draft", "merge merge at " + head}));
    EXPECT_EQ(offered, 0) << "its branch ends there already";
}

TEST_F(request_merge, merges_nothing_twice) {
    auto done = open_one();
    done.now = forge::request::state::merged;
    done.merged_as = merged;
    at.listed = {{open_one(), done}};
    EXPECT_EQ(came_as(), merged);
    at.listed = {{open_one()}};
    at.shown = {done}; // a person was quicker
    EXPECT_EQ(came_as(), merged);
    EXPECT_FALSE(merges_asked());
}

TEST_F(request_merge, takes_the_one_that_somebody_opened_in_the_same_second) {
    at.listed = {{}, {open_one()}};
    at.opened = std::unexpected(forge::trouble{forge::trouble::kind::refused, "There is one."});
    EXPECT_EQ(came_as(), merged);
    at.listed = {{}};
    EXPECT_EQ(ended<remote_trouble>().sentence, "There is one.");
}

TEST_F(request_merge, merges_no_other_commit_than_the_approved_one) {
    auto other = open_one();
    other.head = std::string(40, '9');
    at.listed = {{other}};
    at.shown = {other};
    auto said = ended<remote_trouble>();
    EXPECT_EQ(said.reason, "no_push");
    EXPECT_TRUE(said.sentence.contains("has 9999999999, not cccccccccc, which was approved")) << said.sentence;
    EXPECT_EQ(offered, 1) << "the branch was to end there";
    no_offer = remote_trouble{"no_push", "The branch has others' work."};
    EXPECT_EQ(ended<remote_trouble>().sentence, "The branch has others' work.");
    auto theirs = other;
    theirs.now = forge::request::state::merged;
    known = 7;
    at.listed = {{theirs}};
    EXPECT_TRUE(ended<remote_trouble>().sentence.contains("which was approved"));
    EXPECT_FALSE(merges_asked());
}

TEST_F(request_merge, leaves_one_closed_that_a_person_closed) {
    auto closed = open_one();
    closed.now = forge::request::state::closed;
    known = 7;
    at.listed = {{closed}};
    EXPECT_TRUE(ended<remote_trouble>().sentence.contains("was closed without being merged: " + page));
    EXPECT_EQ(at.asked.size(), 1U) << "none is opened instead";
    known = 0; // one of before this approval
    EXPECT_EQ(came_as(), merged);
    at.listed = {{open_one()}};
    at.shown = {closed};
    EXPECT_TRUE(ended<remote_trouble>().sentence.contains("was closed")) << "while it was looked at";
}

TEST_F(request_merge, asks_for_nothing_that_the_branch_would_refuse) {
    using kind = forge::obstacle::kind;
    at.shown = {open_one("blocked")};
    struct row {
        forge::obstacle why;
        request_need what;
        const char* said;
    };
    for (auto& r :
         {row{{kind::checks, "build", "", 4min}, request_need::checks, "It waits for CI: build, 4 min."},
          row{{kind::checks, "build", "", {}}, request_need::checks, "It waits for CI: build."},
          row{{kind::review, "", ""}, request_need::review, "It waits for a review: https://forge.example/7"},
          row{{kind::discussions, "", ""},
              request_need::review,
              "Discussions at its request have to be resolved first: https://forge.example/7"},
          row{{kind::queue, "", ""},
              request_need::checks,
              "It stands in the queue of The forge, which merges it in its turn: https://forge.example/7"},
          row{{kind::policy, "a title that names an issue", ""},
              request_need::forge,
              "The forge does not merge it yet: a title that names an issue (https://forge.example/7)"},
          row{{kind::none, "", ""}, request_need::forge, "The forge does not merge it yet: https://forge.example/7"},
          row{{kind::runs, "", "https://forge.example/runs"},
              request_need::runs,
              "Workflows of bot branches wait for approval on this repository: https://forge.example/runs"}}) {
        at.obstacle = r.why;
        auto waits = ended<request_waits>();
        EXPECT_EQ(waits.what, (request_wait{r.what, r.said}));
        EXPECT_EQ(waits.number, 7);
        EXPECT_EQ(waits.page, page);
        EXPECT_EQ(waits.most, 1h);
    }
    at.obstacle = {kind::red, "build", "https://ci/1"};
    EXPECT_EQ(ended<remote_trouble>().sentence,
              "A check that main requires failed at the forge: build (https://ci/1). Nothing was merged.");
    at.obstacle = {kind::changes_wanted, "ann", ""};
    EXPECT_TRUE(ended<remote_trouble>().sentence.starts_with("ann wants changes"));
    EXPECT_FALSE(merges_asked()) << "an administrator's token would merge past all of this";
}

TEST_F(request_merge, says_what_else_a_forge_finds) {
    at.shown = {open_one("dirty")};
    EXPECT_TRUE(ended<remote_trouble>().sentence.contains("finds conflicts"));
    at.shown = {open_one("behind")};
    EXPECT_EQ(ended<request_outdated>().number, 7);
    at.shown = {open_one("unknown")};
    EXPECT_EQ(ended<request_waits>().what.what, request_need::forge) << "for as long as it takes, but not here";
    at.shown = {open_one()};
    at.main = std::string(40, '9');
    EXPECT_EQ(ended<remote_trouble>().reason, "moved") << "what was checked is not what would come of it";
    EXPECT_FALSE(merges_asked());
}

TEST_F(request_merge, tries_the_ways_that_the_repository_allows) {
    forge::trouble no{forge::trouble::kind::refused, "Merge commits are not allowed on this branch."};
    at.ways = {"merge", "squash"};
    at.merges = {std::unexpected(no), merged};
    EXPECT_EQ(came_as(), merged);
    EXPECT_EQ(at.asked.back(), "merge squash at " + head);
    at.merges = {std::unexpected(no)};
    EXPECT_EQ(ended<request_waits>().what.said, no.sentence);
    at.ways.clear();
    EXPECT_EQ(ended<request_waits>().what.what, request_need::forge);
}

TEST_F(request_merge, waits_for_the_turn_that_a_forge_gave_it_and_asks_again_when_it_has_to_stand_on_all) {
    at.ways = {"merge", "squash"};
    at.merges = {std::unexpected(forge::trouble{forge::trouble::kind::queued, "It is in the merge train."})};
    EXPECT_EQ(ended<request_waits>().what, (request_wait{request_need::checks, "It is in the merge train."}));
    at.merges = {std::unexpected(forge::trouble{forge::trouble::kind::outdated, "It is behind."})};
    EXPECT_EQ(ended<request_outdated>().number, 7);
    EXPECT_EQ(std::ranges::count(at.asked, "merge squash at " + head), 0) << "no other way would do";
}

TEST_F(request_merge, leaves_what_is_not_known_to_the_next_look) {
    at.merges = {std::unexpected(forge::trouble{forge::trouble::kind::away, "GitHub answers 502.", 30s})};
    auto away = ended<remote_trouble>();
    EXPECT_EQ(away.reason, "network");
    EXPECT_EQ(away.retry_after, 30s);
    EXPECT_EQ(std::ranges::count(at.asked, "merge merge at " + head), 1);
    at.merges = {std::unexpected(forge::trouble{forge::trouble::kind::moved, "Base branch was modified."})};
    EXPECT_EQ(ended<remote_trouble>().reason, "moved");
    at.merges = {std::unexpected(forge::trouble{forge::trouble::kind::denied, "The token may not."})};
    EXPECT_EQ(ended<remote_trouble>().reason, "no_push");
}

TEST_F(request_merge, opens_a_draft_where_there_is_none) {
    std::string where;
    auto draft = [&] {
        io.restart();
        run([&]() -> awaitable<> { where = (co_await open_draft(at, {.branch = "b", .base = "main"})).value_or(""); });
        return where;
    };
    EXPECT_EQ(draft(), page);
    EXPECT_EQ(at.asked.back(), "open b draft");
    at.asked.clear();
    at.listed = {{open_one()}};
    EXPECT_EQ(draft(), page);
    EXPECT_EQ(at.asked.size(), 1U);
}
