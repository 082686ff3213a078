#include "base/json.hpp"
#include "llm/core.hpp"
#include "llm/limits.hpp"

#include <boost/json.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

/// What a closed gateway did not get to is looked for by the next one, so nothing is said of it.
awaitable<> unless_closed(std::shared_ptr<core> all, awaitable<> work) {
    try {
        co_await std::move(work);
    } catch (const store::db_error&) {
        if (!all->closed) throw;
    }
}

} // namespace

void core::start(std::string name, awaitable<> work) {
    if (closed) return;
    background.remove_if([](const auto& each) { return each.ended(); });
    background.push_back(spawn(executor, std::move(name), unless_closed(shared_from_this(), std::move(work))));
}

void core::close() {
    closed = true;
    spare.cancel();
    for (auto& each : std::exchange(background, {}))
        each.cancel();
}

void session::cut_all(call_error why) {
    failure = {why.why, why.sentence, why.retry_after, why.budget};
    closed = std::move(why);
    for (auto* to : std::set<http::responder*>(answering))
        to->abort();
}

void session::close(std::int64_t dear_call, call_error why) {
    failure = {why.why, why.sentence, why.retry_after, why.budget};
    closed = std::move(why);
    auto own = reserved.find(dear_call);
    for (auto* to : std::set<http::responder*>(answering))
        if (own == reserved.end() || to != own->second) to->abort();
}

namespace {

struct settling_mark {
    settling_mark(std::shared_ptr<core> a, std::int64_t c) : all(std::move(a)), call(c) { all->settling.insert(call); }
    ~settling_mark() { all->settling.erase(call); }
    settling_mark(const settling_mark&) = delete;
    std::shared_ptr<core> all;
    std::int64_t call;
};

std::int64_t first_count(const json::object& of, std::initializer_list<std::string_view> names) {
    for (auto name : names)
        if (number_in(of, name)) return read_count(of, name);
    return 0;
}

/// The endpoint's own account of a call; nothing when it does not know it (yet).
awaitable<std::optional<bill>> ask_generation(std::shared_ptr<core> all, std::string generation) {
    http::fetch_spec get{.url = all->where.base_url +
                                "/generation?id=" + boost::urls::encode(generation, boost::urls::unreserved_chars)};
    get.secret_fields = {{"Authorization", around("Bearer ", all->where.key)}};
    auto answer = co_await all->client.fetch(std::move(get), limits::model_error_bytes);
    if (!answer || answer->status != 200) co_return std::nullopt;
    auto all_of_it = parse_object(answer->body);
    const auto* data = all_of_it ? object_in(*all_of_it, "data") : nullptr;
    if (!data) co_return std::nullopt;
    const auto& of = *data;
    auto total = read_cost(of, "total_cost");
    if (!total) co_return std::nullopt;
    bill b;
    b.by = "generation";
    b.cost_usd = *total;
    if (flag_in(of, "is_byok")) b.cost_usd += read_cost(of, "upstream_inference_cost").value_or(0);
    b.tokens.sent = first_count(of, {"native_tokens_prompt", "tokens_prompt"});
    b.tokens.received = first_count(of, {"native_tokens_completion", "tokens_completion"});
    b.tokens.cached = std::min(read_count(of, "native_tokens_cached"), b.tokens.sent);
    co_return b;
}

awaitable<> settle_one(std::shared_ptr<settling_mark> mark, std::string generation, std::string outcome) {
    auto all = mark->all;
    auto call = mark->call;
    if (!generation.empty() && !all->where.key.empty()) {
        // The endpoint writes the account of a cut call once the provider has noticed, so it may not be there at first.
        for (auto wait : all->options.settle_after) {
            co_await sleep_for(wait);
            auto b = co_await ask_generation(all, generation);
            if (!b) continue;
            co_await all->books.settle(call, std::move(*b), outcome);
            co_return;
        }
    }
    co_await all->books.settle_at_reservation(call, outcome);
}

} // namespace

void settle_later(const std::shared_ptr<core>& all, std::int64_t call, std::string generation, std::string outcome) {
    all->start("llm settle",
               settle_one(std::make_shared<settling_mark>(all, call), std::move(generation), std::move(outcome)));
}

awaitable<> settle_left_by(std::shared_ptr<core> all, std::shared_ptr<session> of) {
    try {
        for (auto& one : co_await all->books.left_by(of->spec.task, all->ours()))
            settle_later(all, one.call, std::move(one.generation), "lost");
    } catch (const store::db_error& e) {
        if (!all->closed) spdlog::warn("task {}: old reservations stay: {}", of->spec.task.value, e.what());
    }
    of->old_listed.set();
}

awaitable<> settle_stale(std::shared_ptr<core> all) {
    for (auto& one : co_await all->books.stale(all->ours()))
        settle_later(all, one.call, std::move(one.generation), "lost");
}

} // namespace persais::llm
