// What comes of a push, or of the request by which the forge carries it out: what it waits for, and how it ends.
#include "base/told.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"

#include <algorithm>

namespace persais::mechanic {

namespace {

/// What waits for seconds is looked at after seconds, what waits for days after minutes.
std::chrono::microseconds next_look(std::chrono::microseconds waited) {
    return std::clamp<std::chrono::microseconds>(waited / 10, limits::request_look_least, limits::request_look_most);
}

void remember(task& t, int number, const std::string& page) {
    if (number > 0) t.known.lands->request = number;
    if (!page.empty()) t.known.request = page;
}

} // namespace

decision after_push(task& t, const landing_hold& at, const pushed& e, time_point now) {
    auto& l = *t.known.lands;
    auto what = e.as.value_or(landed{l.made, l.onto});
    if (!e.request.empty()) t.known.request = e.request;
    l.made = what.commit; // which the forge may have made of it
    l.waits_on.reset();
    l.tip = e.tip;
    l.with = e.with;
    return watch_it(t, at, std::move(what), now);
}

decision after_request(task& t, const landing_hold&, const request_waits& e, time_point now) {
    auto& l = *t.known.lands;
    remember(t, e.number, e.page);
    l.in_doubt = false; // it was seen open
    if (l.waits_since == time_point{}) l.waits_since = now;
    const auto waited = now - l.waits_since;
    bool other_told =
        t.known.told && *t.known.told != wait_reason::request; // as that the forge is away, which it is not
    bool news = !l.waits_on || l.waits_on->what != e.what.what || other_told;
    l.waits_on = e.what;
    if (waited >= e.most)
        return leave_forge(
            t, told<"{} That took too long (DEPLOY_REQUEST_TIMEOUT); nothing was merged.",
                    "{} Это длилось слишком долго (DEPLOY_REQUEST_TIMEOUT); ничего не слито.">(e.what.said));
    const auto over = l.waits_since + e.most;
    t.now = waiting{wait_reason::request, std::min(now + next_look(waited), over), over};
    t.known.told = wait_reason::request;
    if (!news) return commands(clean_up{}); // minutes that go by are no news
    return commands(clean_up{}, telling(t.now, e.what.said));
}

decision after_request(task& t, const landing_hold& at, const request_outdated& e, time_point now) {
    const auto& l = *t.known.lands;
    const auto& base = t.known.base_branch;
    // What takes something back is made anew at each look; and what stands on the newest commit was overtaken just now.
    if (l.what != landing::kind::deploy || l.made == l.commit) {
        auto said = told<"{} moved just now, and takes only what stands on all that it has.",
                         "Ветка {} только что изменилась и принимает только то, что стоит на её вершине.">(base);
        return after_request(t, at, request_waits{{request_need::forge, std::move(said)}, e.number, e.page, e.most},
                             now);
    }
    remember(t, e.number, e.page);
    return ask_again(t, at,
                     told<"{} moved meanwhile, and takes only what stands on all that it has: the result was made "
                          "anew on that. Look at it, then deploy it.",
                          "Ветка {} тем временем изменилась и принимает только то, что стоит на её вершине: результат "
                          "сделан на ней заново. Посмотрите на него и тогда выкладывайте.">(base));
}

decision after_right_lost(task& t, const right_lost& e) {
    auto& l = *t.known.lands;
    if (l.step != landing_step::push || l.beside)
        return std::unexpected(refused{told<"nothing is about to be pushed", "отправка ещё не начиналась">()});
    // The look at the branch has not found it, and this push was not begun; a request that an earlier look opened may
    // be merged yet, which land_nowhere() sees to.
    l.in_doubt = false;
    return land_nowhere(t, e.sentence);
}

bool may_be_merged_yet(const landing& l) {
    return l.by_request && l.waits_on && !l.withdrawn;
}

decision leave_forge(task& t, std::string sentence) {
    auto& k = t.known;
    k.came_to_nothing = setback{verdict::remote_failed, "", std::move(sentence)};
    k.lands->withdrawn = true;
    k.lands->in_doubt = true;
    t.now = queued{k.lands->waits_since}; // at once
    return commands(clean_up{});
}

} // namespace persais::mechanic
