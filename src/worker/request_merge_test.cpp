#include "http/testing.hpp"
#include "worker/request_merge.hpp"
#include "worker/testing_requests.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::worker;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using namespace persais::worker::testing;

namespace {

struct request_merge : ::testing::Test, http::testing::loop {
    scripted_requests at;
    system_clock time;
    int known = 0;
    bool queued = false;
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
                              .queued = queued,
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
    /// Why it may still be merged; empty: it is out.
    std::string taken_out(std::optional<request_wait> last) {
        std::optional<mechanic::event> why;
        io.restart();
        run([&]() -> awaitable<> { why = co_await worker::taken_out(at, 7, std::move(last)); });
        if (!why) return {};
        EXPECT_EQ(std::get<remote_trouble>(*why).reason, "network") << "it is looked at again";
        return std::get<remote_trouble>(*why).sentence;
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

TEST_F(request_merge, follows_a_merge_that_the_forge_carries_out_by_itself) {
    using going = forge::merging::state;
    at.begun = {forge::merging{going::under_way, "", "uuid"}};
    at.followed = {forge::merging{going::under_way, "", "uuid"}, forge::merging{going::over, "", ""}};
    auto done = open_one();
    done.now = forge::request::state::merged;
    done.merged_as = merged;
    at.shown = {open_one(), done};
    EXPECT_EQ(came_as(), merged);
    EXPECT_EQ(at.asked, (std::vector<std::string>{"list b main", "open b", "begin merge at " + head, "look at uuid",
                                                  "look at uuid"}));
    at.followed = {std::unexpected(forge::trouble{forge::trouble::kind::moved, "Base branch was modified.", {}})};
    at.begun = {forge::merging{going::under_way, "", "uuid"}};
    at.shown = {open_one()};
    EXPECT_EQ(ended<remote_trouble>().reason, "moved");
}

TEST_F(request_merge, waits_for_one_that_takes_long_and_tries_another_way_when_one_is_not_allowed) {
    using going = forge::merging::state;
    at.begun = {forge::merging{going::under_way, "", "uuid"}};
    at.followed = {forge::merging{going::under_way, "", "uuid"}};
    auto late = ended<request_waits>();
    EXPECT_EQ(late.what.what, request_need::forge);
    EXPECT_EQ(late.what.said, "The forge is merging it: " + page);
    at.asked.clear();
    at.ways = {"merge", "squash"};
    at.followed = {std::unexpected(forge::trouble{forge::trouble::kind::refused, "Not allowed.", {}}),
                   forge::merging{forge::merging::state::merged, merged, ""}};
    EXPECT_EQ(came_as(), merged);
    EXPECT_EQ(at.asked.back(), "look at uuid");
    EXPECT_EQ(std::ranges::count_if(at.asked, [](auto& line) { return line.starts_with("begin "); }), 2);
}

TEST_F(request_merge, that_somebody_else_began_with_another_commit_is_not_ours) {
    at.begun = {forge::merging{forge::merging::state::over, "", ""}};
    auto other = open_one();
    other.now = forge::request::state::merged;
    other.head = tip;
    at.shown = {open_one(), other};
    EXPECT_TRUE(ended<remote_trouble>().sentence.contains("which was approved")) << "it has another head";
}

TEST_F(request_merge, from_a_queue_is_put_there_and_waited_for) {
    at.shown = {open_one("blocked")}; // as each request is there
    at.obstacle = {forge::obstacle::kind::none, {}, {}};
    at.places = {forge::queue_place{.required = true, .thrown = {}},
                 forge::queue_place{.required = true, .in = true, .position = 2, .thrown = {}}};
    auto waits = ended<request_waits>();
    EXPECT_EQ(waits.what.what, request_need::queue);
    EXPECT_EQ(waits.what.said, "It is in the merge queue of main, place 2: " + page);
    EXPECT_EQ(at.asked.back(), "enqueue " + head);
    queued = true;
    at.asked.clear();
    EXPECT_EQ(ended<request_waits>().what.what, request_need::queue);
    EXPECT_FALSE(std::ranges::any_of(at.asked, [](auto& line) { return line.starts_with("enqueue"); }));
}

TEST_F(request_merge, that_a_queue_put_out_is_told_with_its_reason_unless_it_was_merged) {
    queued = true;
    at.places = {forge::queue_place{.required = true, .thrown = "failed_checks"}};
    EXPECT_EQ(ended<remote_trouble>().sentence,
              "The merge queue of main put its pull request out (failed_checks); nothing was merged: " + page);
    auto done = open_one();
    done.now = forge::request::state::merged;
    done.merged_as = merged;
    at.shown = {open_one(), done};
    EXPECT_EQ(came_as(), merged) << "between the two looks";
    EXPECT_FALSE(merges_asked());
}

TEST_F(request_merge, that_was_in_a_queue_stays_there_until_the_forge_says_otherwise) {
    queued = true;
    for (auto kind : {forge::trouble::kind::away, forge::trouble::kind::denied, forge::trouble::kind::refused}) {
        at.places = {std::unexpected(forge::trouble{kind, "It may not see that.", {}})};
        EXPECT_EQ(ended<remote_trouble>().reason, "network") << "it is looked at again";
    }
    queued = false;
    EXPECT_EQ(came_as(), merged) << "none was seen, and the forge merges what its own queue does not want";
}

TEST_F(request_merge, that_cannot_be_taken_out_of_its_queue_may_still_be_merged) {
    const request_wait in_queue{request_need::queue, "It is in the queue."}, person{request_need::review, "It waits."};
    EXPECT_EQ(taken_out(in_queue), "");
    EXPECT_EQ(at.asked.back(), "leave the queue");
    for (auto kind : {forge::trouble::kind::away, forge::trouble::kind::denied, forge::trouble::kind::refused}) {
        at.out = std::unexpected(forge::trouble{kind, "It stays.", {}});
        EXPECT_EQ(taken_out(in_queue), "It stays.");
        EXPECT_EQ(taken_out(person), kind == forge::trouble::kind::away ? "It stays." : "") << "it stood in no queue";
    }
    auto closed = open_one();
    closed.now = forge::request::state::closed;
    at.shown = {closed};
    EXPECT_EQ(taken_out(in_queue), "") << "nothing merges that";
}

TEST_F(request_merge, that_the_forge_is_merging_is_over_when_the_request_says_so) {
    using going = forge::merging::state;
    at.begun = {forge::merging{going::under_way, "", "uuid"}};
    at.followed = at.begun;
    const auto last = ended<request_waits>().what;
    EXPECT_EQ(taken_out(last), "The forge is merging it: " + page);
    auto done = open_one();
    done.now = forge::request::state::merged;
    at.shown = {open_one(), done};
    EXPECT_EQ(taken_out(last), "");
}

TEST_F(request_merge, that_lacks_something_else_is_not_put_into_a_queue) {
    at.shown = {open_one("blocked")};
    at.places = {forge::queue_place{.required = true, .thrown = {}}};
    at.obstacle = {forge::obstacle::kind::checks, "build", ""};
    EXPECT_EQ(ended<request_waits>().what.what, request_need::checks);
    at.obstacle = {forge::obstacle::kind::review, "", ""}; // which may be the queue alone
    at.put = std::unexpected(forge::trouble{forge::trouble::kind::refused, "A review is required.", {}});
    EXPECT_EQ(ended<request_waits>().what.what, request_need::review);
    at.shown = {open_one()};
    EXPECT_EQ(ended<request_waits>().what.said, "A review is required.");
    at.main = head; // it moved
    EXPECT_EQ(ended<remote_trouble>().reason, "moved");
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
