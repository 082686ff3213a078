#include "api/event_hub.hpp"

#include "api/limits.hpp"
#include "api/task_json.hpp"
#include "base/json.hpp"
#include "queue/api_tokens.hpp"
#include "service/people.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::api {

namespace {

using steady = std::chrono::steady_clock;

} // namespace

std::string id_of(const queue::feed_place& at) {
    auto text = std::to_string(at.number);
    for (auto each : at.missing)
        text += fmt::format(".{}", each);
    return text;
}

std::optional<queue::feed_place> place_of(std::string_view id) {
    std::vector<std::int64_t> numbers;
    for (;;) {
        auto end = std::min(id.find('.'), id.size());
        std::int64_t number = 0;
        auto [at, ec] = std::from_chars(id.data(), id.data() + end, number);
        if (ec != std::errc() || at != id.data() + end || number < 0) return std::nullopt;
        numbers.push_back(number);
        if (end == id.size()) break;
        id.remove_prefix(end + 1);
    }
    if (numbers.size() > 1 + static_cast<std::size_t>(limits::feed_missing)) return std::nullopt;
    queue::feed_place made{.number = numbers.front()};
    made.missing.assign(numbers.begin() + 1, numbers.end());
    return made;
}

std::string event_hub::lines_of(const queue::fed_event& e, const queue::feed_place& so_far) {
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id_of(so_far), e.what.kind,
                       to_text(happening_json(e.task, e.what)));
}

std::size_t event_hub::streams_of(std::int64_t token) const {
    return static_cast<std::size_t>(std::ranges::count(listeners_, token, [](auto* each) { return each->token; }));
}

void event_hub::add(listener& one) {
    listeners_.push_back(&one);
    rights_may_be_new(); // its token is not among those that were looked at
}

void event_hub::remove(listener& one) {
    std::erase(listeners_, &one);
    if (!listeners_.empty()) return;
    awake_ = false;
    something_.set();
}

bool event_hub::wants_a_look() const {
    return !hears() || (told_since_ && steady::now() - *told_since_ > limits::feed_told / 2);
}

awaitable<void> event_hub::be_told() {
    if (told_since_ && steady::now() - *told_since_ < limits::feed_told / 2) co_return;
    co_await queue::tell_events_to(db_, process_);
    if (!told_since_) just_told_ = true;
    told_since_ = steady::now();
    something_.set();
}

awaitable<void> event_hub::be_told_no_more() {
    if (reading_ || !told_since_) co_return; // a stream begins
    reading now(*this);
    told_since_.reset();
    co_await queue::tell_no_events_to(db_, process_);
}

void event_hub::news() {
    if (!listeners_.empty()) something_.set();
}

std::optional<std::vector<std::shared_ptr<const event_hub::item>>> event_hub::from(std::uint64_t next) const {
    if (next < first_) return std::nullopt;
    auto skipped = std::min<std::uint64_t>(next - first_, kept_.size());
    return std::vector(kept_.begin() + static_cast<std::ptrdiff_t>(skipped), kept_.end());
}

/// A number that did not come in time is of a transaction that failed.
void event_hub::expire() {
    auto now = steady::now();
    std::erase_if(since_, [&](const auto& each) { return now - each.second > limits::feed_patience; });
    while (since_.size() > static_cast<std::size_t>(limits::feed_missing))
        since_.erase(since_.begin());
    so_far_.missing.clear();
    for (const auto& [number, at] : since_)
        so_far_.missing.push_back(number);
}

void event_hub::keep(const queue::fed_event& e) {
    auto number = e.what.number;
    auto now = steady::now();
    if (number > so_far_.number) {
        auto least = std::max(so_far_.number + 1, number - limits::feed_missing);
        for (auto between = least; between < number; ++between)
            since_.emplace_back(between, now);
        so_far_.number = number;
    } else {
        std::erase_if(since_, [&](const auto& each) { return each.first == number; });
    }
    expire();
    auto one = std::make_shared<item>(
        item{.number = number, .task = e.task, .remote = e.remote, .giver = e.giver, .text = lines_of(e, so_far_)});
    bytes_ += one->text.size();
    kept_.push_back(std::move(one));
    while (kept_.size() > limits::api_kept_events || (bytes_ > limits::api_kept_event_bytes && kept_.size() > 1)) {
        bytes_ -= kept_.front()->text.size();
        kept_.pop_front();
        ++first_;
    }
}

awaitable<void> event_hub::read() {
    co_await be_told();
    if (!awake_) {
        auto at = co_await queue::newest_event(db_);
        first_ += kept_.size();
        kept_.clear();
        bytes_ = 0;
        so_far_ = at;
        since_.clear();
        for (auto each : at.missing)
            since_.emplace_back(each, steady::now());
        awake_ = true;
        co_return;
    }
    for (;;) {
        expire();
        auto page = co_await queue::events_of(db_, {.after = so_far_, .but = {}, .task = {}});
        for (const auto& each : page)
            keep(each);
        if (page.size() < static_cast<std::size_t>(limits::log_page)) co_return;
    }
}

awaitable<event_hub::place> event_hub::newest() {
    while (reading_) { // for another stream, or by run()
        read_.reset();
        co_await read_.wait();
    }
    reading now(*this);
    auto before = first_ + kept_.size();
    co_await read(); // what it read before it failed is seen with the next events, or at a heartbeat
    if (!listeners_.empty()) co_await renew_rights(); // as they are after the events that were read
    auto next = first_ + kept_.size();
    if (next != before)
        for (auto* each : listeners_)
            each->news.set();
    co_return place{.next = next, .so_far = so_far_};
}

awaitable<void> event_hub::renew_rights() {
    if (rights_at_ && steady::now() - *rights_at_ < limits::api_rights_age) co_return;
    for (auto asked = rights_asked_ - 1; asked != rights_asked_;) { // what is read while they change is old already
        asked = rights_asked_;
        auto began = steady::now();
        std::vector<std::int64_t> tokens;
        for (auto* each : listeners_)
            tokens.push_back(each->token);
        auto known = co_await service::load_known_people(db_);
        auto valid = co_await queue::valid_api_tokens(db_, std::move(tokens));
        if (asked != rights_asked_) continue;
        known_ = std::move(known);
        valid_ = {valid.begin(), valid.end()};
        rights_at_ = began;
    }
}

bool event_hub::may_see(const service::caller& who, const item& what) const {
    if (!valid_.contains(who.token)) return false;
    auto now = who;
    now.known = known_;
    return now.to(what.remote, what.giver, settings_) != service::relation::none;
}

awaitable<void> event_hub::run() {
    for (bool again = false;;) {
        try {
            if (again)
                co_await with_deadline(limits::api_look_again, something_.wait());
            else
                co_await something_.wait();
        } catch (const deadline_passed&) {
        }
        something_.reset();
        again = std::exchange(just_told_, false);
        std::string lost;
        try {
            if (listeners_.empty()) {
                co_await be_told_no_more();
                continue;
            }
            co_await renew_rights();
            co_await newest();
        } catch (const store::db_error& e) { // the next news, or the next heartbeat, has it read again
            lost = e.what();
        }
        if (!lost.empty()) spdlog::warn("events for streams could not be read: {}", lost);
    }
}

} // namespace persais::api
