#include "worker/request_merge.hpp"

#include "base/async.hpp"
#include "base/told.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::worker {

using namespace mechanic;

namespace {

using request = forge::request;

mechanic::event ended(std::string sentence) {
    return remote_trouble{"no_push", std::move(sentence)};
}

std::string brief(const std::string& commit) {
    return commit.substr(0, 10);
}

mechanic::event closed(const request& r) {
    return ended(
        told<"Its pull request was closed without being merged: {}", "Её pull request закрыли, не слив: {}">(r.page));
}

mechanic::event other_head(const request& r, const std::string& ours) {
    return ended(told<"Its pull request has {}, not {}, which was approved; Persais merged nothing: {}",
                      "В её pull request стоит {}, а не {}, который одобрили; Persais ничего не слил: {}">(
        brief(r.head), brief(ours), r.page));
}

/// Whoever ended it, it did not bring what was approved.
mechanic::event over(const request& r, const std::string& ours) {
    return r.now == request::state::merged ? other_head(r, ours) : closed(r);
}

request_waits waits(const request& r, const request_plan& what, request_need need, std::string said) {
    return {{need, std::move(said)}, r.number, r.page, what.most};
}

std::string checks_in_words(const forge::obstacle& o) {
    if (o.running && o.running->count() > 0)
        return told<"It waits for CI: {}, {} min.", "Ждёт CI: {}, {} мин.">(o.subject, o.running->count());
    return told<"It waits for CI: {}.", "Ждёт CI: {}.">(o.subject);
}

mechanic::event blocked(const request& r, const request_plan& what, const forge::obstacle& o, std::string_view forge) {
    using enum forge::obstacle::kind;
    const auto& page = o.page.empty() ? r.page : o.page;
    switch (o.what) {
    case red:
        return ended(told<"A check that {} requires failed at the forge: {} ({}). Nothing was merged.",
                          "На хостинге не прошла проверка, которой требует {}: {} ({}). Ничего не слито.">(
            what.base, o.subject, page));
    case changes_wanted:
        return ended(told<"{} wants changes to its pull request; nothing was merged: {}",
                          "{} просит изменений в её pull request; ничего не слито: {}">(o.subject, page));
    case checks:
        return waits(r, what, request_need::checks, checks_in_words(o));
    case runs:
        return waits(r, what, request_need::runs,
                     told<"Workflows of bot branches wait for approval on this repository: {}",
                          "В этом репозитории проверки веток бота ждут разрешения человека: {}">(page));
    case review:
        return waits(r, what, request_need::review, told<"It waits for a review: {}", "Ждёт ревью: {}">(page));
    case discussions:
        return waits(r, what, request_need::review,
                     told<"Discussions at its request have to be resolved first: {}",
                          "Сначала нужно закрыть обсуждения в её запросе на слияние: {}">(page));
    case queue:
        return waits(r, what, request_need::checks,
                     told<"It stands in the queue of {}, which merges it in its turn: {}",
                          "Стоит в очереди {}, который сольёт её в свой черёд: {}">(forge, page));
    case policy:
        return waits(
            r, what, request_need::forge,
            told<"{} does not merge it yet: {} ({})", "{} пока не даёт слить: {} ({})">(forge, o.subject, page));
    case none:
        break;
    }
    return waits(r, what, request_need::forge,
                 told<"{} does not merge it yet: {}", "{} пока не даёт слить: {}">(forge, page));
}

std::string merging_in_words(std::string_view forge, const std::string& page) {
    return told<"{} is merging it: {}", "{} сливает её: {}">(forge, page);
}

/// By what a landing waited for: nothing else of a merge that the forge carries out by itself is stored.
bool is_being_merged(std::string_view said) {
    return said.contains(" is merging it: ") || said.contains(" сливает её: ");
}

/// It is looked at again, whatever the forge had to say: it may be merging it.
mechanic::event not_known(const forge::trouble& why) {
    return remote_trouble{.reason = "network", .sentence = why.sentence, .retry_after = why.retry_after};
}

/// What a landing that has the request in hand does with it.
struct landing_at_forge {
    forge::requests& at;
    const request_plan& what;
    const clock& time;

    /// Why it may not be merged now; nullopt: the base branch is what the checks saw.
    awaitable<std::optional<mechanic::event>> base_moved() {
        auto tip = co_await at.tip_of(what.base);
        if (!tip) co_return trouble_event(tip.error());
        if (*tip != what.onto)
            co_return remote_trouble{"moved", told<"{} moved meanwhile.", "{} изменилась.">(what.base)};
        co_return std::nullopt;
    }

    awaitable<request_end> merge(request r) {
        if (auto no = co_await base_moved()) co_return std::move(*no);
        auto ways = co_await at.ways_to_merge();
        if (!ways) co_return trouble_event(ways.error());
        std::string why;
        for (const auto& way : *ways) {
            what.tell(told<"merging {}", "сливаю {}">(r.page));
            auto merged = co_await follow(r, co_await at.begin_merge(r, way));
            if (merged) co_return std::move(*merged);
            const auto& no = merged.error();
            if (no.what == forge::trouble::kind::queued) co_return waits(r, what, request_need::checks, no.sentence);
            if (no.what == forge::trouble::kind::outdated) co_return request_outdated{r.number, r.page, what.most};
            if (no.what != forge::trouble::kind::refused) co_return trouble_event(no);
            why = no.sentence; // it may be this way that the branch does not allow
        }
        if (why.empty())
            why = told<"The repository allows no way of merging.",
                       "Репозиторий не разрешает ни одного способа слияния.">();
        co_return waits(r, what, request_need::forge, why);
    }

    /// What became of a merge that was begun: bounded, because the next look finds what still goes on.
    awaitable<forge::outcome<request_end>> follow(request r, forge::outcome<forge::merging> begun) {
        using state = forge::merging::state;
        std::chrono::nanoseconds pause = limits::request_merge_first_look;
        for (int looks = limits::request_merge_looks; begun && begun->now == state::under_way && looks > 0; --looks) {
            co_await sleep_for(std::min(pause, what.every));
            pause *= 2;
            begun = co_await at.merging_of(r, begun->id);
        }
        if (!begun) co_return std::unexpected(std::move(begun.error()));
        if (begun->now == state::merged) co_return merged_request{std::move(begun->commit), r.page};
        // Somebody else may have begun it, with another commit: the request says what the base branch got.
        auto now = co_await at.read(r.number);
        if (!now) co_return std::unexpected(std::move(now.error()));
        if (now->now == request::state::merged && now->head == what.head)
            co_return merged_request{now->merged_as, now->page};
        if (now->now != request::state::open) co_return over(*now, what.head);
        co_return waits(*now, what, request_need::forge, merging_in_words(at.name(), now->page));
    }

    mechanic::event in_queue(const request& r, const forge::queue_place& place) const {
        auto said =
            place.position > 0
                ? told<"It is in the merge queue of {}, place {}: {}", "Она в очереди слияния в {}, место {}: {}">(
                      what.base, place.position, r.page)
                : told<"It is in the merge queue of {}: {}", "Она в очереди слияния в {}: {}">(what.base, r.page);
        return waits(r, what, request_need::queue, std::move(said));
    }

    /// It was in the queue and is there no more. Between two looks it may have been merged.
    awaitable<request_end> thrown_out(request r, forge::queue_place place) {
        auto now = co_await at.read(r.number);
        if (!now) co_return trouble_event(now.error());
        if (now->now == request::state::merged && now->head == what.head)
            co_return merged_request{now->merged_as, now->page};
        if (place.thrown.empty()) place.thrown = told<"no reason is given", "причина не названа">();
        co_return ended(told<"The merge queue of {} put its pull request out ({}); nothing was merged: {}",
                             "Очередь слияния в {} убрала её pull request ({}); ничего не слито: {}">(
            what.base, place.thrown, r.page));
    }

    /// For a base branch that takes requests from its queue alone.
    awaitable<request_end> enqueue(request r, forge::readiness state) {
        forge::obstacle why;
        if (state == forge::readiness::blocked) { // which each request is there, whatever else it lacks
            auto found = co_await at.obstacle_to(r, what.base, time.now());
            if (!found) co_return trouble_event(found.error());
            why = std::move(*found);
            using enum forge::obstacle::kind;
            if (why.what != none && why.what != review) co_return blocked(r, what, why, at.name());
        }
        if (auto no = co_await base_moved()) co_return std::move(*no);
        what.tell(told<"putting {} into the merge queue", "ставлю {} в очередь слияния">(r.page));
        auto put = co_await at.enqueue(r);
        if (put) {
            auto place = co_await at.place_in_queue(r);
            co_return in_queue(r, place ? *place : forge::queue_place{});
        }
        if (put.error().what != forge::trouble::kind::refused) co_return trouble_event(put.error());
        if (why.what == forge::obstacle::kind::review) co_return blocked(r, what, why, at.name());
        co_return waits(r, what, request_need::forge, put.error().sentence);
    }

    awaitable<request_end> decide(request r, forge::readiness state) {
        if (state == forge::readiness::conflict)
            co_return ended(
                told<"{} finds conflicts between it and {}; nothing was merged: {}",
                     "{} видит конфликты между ней и {}; ничего не слито: {}">(at.name(), what.base, r.page));
        auto place = co_await at.place_in_queue(r);
        if (!place) {
            using enum forge::trouble::kind;
            if (place.error().what == away) co_return trouble_event(place.error());
            // It was seen there: whether it still is, only the forge can say, whatever keeps it from saying so now.
            if (what.queued) co_return not_known(place.error());
            place = forge::queue_place{};
        }
        if (place->in) co_return in_queue(r, *place);
        if (what.queued) co_return co_await thrown_out(std::move(r), std::move(*place));
        if (place->required) co_return co_await enqueue(std::move(r), state);
        if (state == forge::readiness::outdated) co_return request_outdated{r.number, r.page, what.most};
        if (state == forge::readiness::ready) co_return co_await merge(std::move(r));
        auto why = co_await at.obstacle_to(r, what.base, time.now());
        if (!why) co_return trouble_event(why.error());
        co_return blocked(r, what, *why, at.name());
    }

    awaitable<request_end> look(request r) {
        for (int looks = limits::request_state_looks;; --looks) {
            auto now = co_await at.read(r.number);
            if (!now) co_return trouble_event(now.error());
            r = std::move(*now);
            // Only what the request has can have been merged, and that was the approved commit or somebody else's.
            if (r.now == request::state::merged && r.head == what.head) co_return merged_request{r.merged_as, r.page};
            if (r.now != request::state::open) co_return over(r, what.head);
            auto state = r.head == what.head ? at.readiness_of(r) : forge::readiness::unknown; // pushed just now
            if (state != forge::readiness::unknown && r.draft) {
                auto ok = co_await at.end_draft(r);
                if (!ok) co_return trouble_event(ok.error());
                state = forge::readiness::unknown;
            }
            if (state != forge::readiness::unknown) co_return co_await decide(std::move(r), state);
            if (looks <= 1) break;
            co_await sleep_for(what.every);
        }
        if (r.head != what.head) co_return other_head(r, what.head);
        co_return waits(
            r, what, request_need::forge,
            told<"{} is still finding out whether it can be merged: {}", "{} ещё выясняет, можно ли её слить: {}">(
                at.name(), r.page));
    }

    /// nullopt: there is none, and none was closed.
    awaitable<std::optional<request_end>> find(request& open) {
        auto all = co_await at.of_branch(what.branch, what.base);
        if (!all) co_return trouble_event(all.error());
        for (auto& r : *all)
            if (r.now == request::state::merged && r.head == what.head) co_return merged_request{r.merged_as, r.page};
        for (auto& r : *all)
            if (r.number == what.known && r.now != request::state::open) co_return over(r, what.head);
        auto found = std::ranges::find(*all, request::state::open, &request::now);
        if (found != all->end()) open = *found;
        co_return std::nullopt;
    }
};

} // namespace

mechanic::event trouble_event(const forge::trouble& why) {
    using enum forge::trouble::kind;
    switch (why.what) {
    case away:
        return remote_trouble{.reason = "network", .sentence = why.sentence, .retry_after = why.retry_after};
    case moved:
        return remote_trouble{"moved", why.sentence};
    case denied:
    case refused:
    case outdated:
    case queued:
        break;
    }
    return ended(why.sentence);
}

awaitable<request_end> merge_by_request(forge::requests& at, request_plan what, const clock& time) {
    landing_at_forge landing{at, what, time};
    request open;
    if (auto end = co_await landing.find(open)) co_return std::move(*end);
    if (open.head != what.head)
        if (auto no = co_await what.offer()) co_return std::move(*no);
    if (open.number == 0) {
        what.tell(told<"opening a pull request for {}", "открываю pull request для {}">(what.branch));
        auto made =
            co_await at.open({.branch = what.branch, .base = what.base, .title = what.title, .body = what.body});
        if (made) {
            open = std::move(*made);
        } else { // somebody may have opened one in this second
            if (made.error().what != forge::trouble::kind::refused) co_return trouble_event(made.error());
            if (auto end = co_await landing.find(open)) co_return std::move(*end);
            if (open.number == 0) co_return trouble_event(made.error());
        }
    }
    co_return co_await landing.look(std::move(open));
}

awaitable<forge::outcome<std::optional<merged_request>>> merged_already(forge::requests& at, std::string branch,
                                                                        std::string base, std::string head) {
    auto all = co_await at.of_branch(std::move(branch), std::move(base));
    if (!all) co_return std::unexpected(std::move(all.error()));
    for (auto& r : *all)
        if (r.now == request::state::merged && r.head == head) co_return merged_request{r.merged_as, r.page};
    co_return std::nullopt;
}

awaitable<std::optional<mechanic::event>> taken_out(forge::requests& at, int number, std::optional<request_wait> last) {
    auto which = co_await at.read(number);
    if (!which) co_return not_known(which.error());
    if (which->now != request::state::open) co_return std::nullopt;
    const auto page = which->page;
    if (auto out = co_await at.leave_queue(std::move(*which)); !out) {
        // What waited for a person stood in no queue that would merge it without one.
        bool for_a_person = last && (last->what == request_need::review || last->what == request_need::runs);
        if (out.error().what == forge::trouble::kind::away || !for_a_person) co_return not_known(out.error());
    }
    // A merge that was begun goes on, and cannot be called off.
    if (last && is_being_merged(last->said)) {
        auto now = co_await at.read(number);
        if (!now) co_return not_known(now.error());
        if (now->now == request::state::open)
            co_return not_known({forge::trouble::kind::away, merging_in_words(at.name(), page), {}});
    }
    co_return std::nullopt;
}

awaitable<forge::outcome<std::string>> open_draft(forge::requests& at, forge::new_request what) {
    auto all = co_await at.of_branch(what.branch, what.base);
    if (!all) co_return std::unexpected(std::move(all.error()));
    auto open = std::ranges::find(*all, request::state::open, &request::now);
    if (open != all->end()) co_return open->page;
    what.draft = true;
    auto made = co_await at.open(std::move(what));
    if (!made) co_return std::unexpected(std::move(made.error()));
    co_return made->page;
}

} // namespace persais::worker
