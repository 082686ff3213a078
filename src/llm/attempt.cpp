#include "llm/attempt.hpp"

#include "base/text.hpp"
#include "base/told.hpp"
#include "http/limits.hpp"
#include "llm/limits.hpp"
#include "llm/shape.hpp"

#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::llm {

namespace {

/// Reads the few bytes after [DONE], so that the connection is clean for the
/// next call.
awaitable<> drain(std::unique_ptr<http::exchange> rest) {
    auto one = [](http::exchange& from) -> awaitable<> {
        for (int reads = 0; reads < 4; ++reads)
            if (auto piece = co_await from.read(); !piece || piece->empty()) co_return;
    };
    try {
        co_await with_deadline(limits::http_drain, one(*rest));
    } catch (const deadline_passed&) {
    }
}

/// Takes from their front what is passed on before others have their turn.
std::vector<sse_event> take_turn(std::span<const sse_event>& left) {
    std::size_t bytes = 0, count = 0;
    while (count < left.size() && bytes < limits::model_turn_bytes)
        bytes += left[count++].raw.size();
    auto some = left.first(count);
    left = left.subspan(count);
    return {some.begin(), some.end()};
}

awaitable<> settle_known(std::shared_ptr<core> all, std::int64_t call, bill cost, std::string outcome) {
    co_await all->books.settle(call, std::move(cost), std::move(outcome));
}

} // namespace

void attempt::note() {
    if (noted_ || generation().empty()) return;
    noted_ = true;
    // It is written while the stream goes on, so that the first token need not
    // wait for the database.
    auto one = [](std::shared_ptr<core> all, std::int64_t call, std::string id) -> awaitable<> {
        co_await all->books.note(call, std::move(id));
    };
    all_->start("llm note", one(all_, reserved_.call, generation()));
}

bool attempt::may_ask_otherwise(const call_error& refusal) {
    bool of_now = renewal_ == all_->renewals; // else the refusal is from the endpoint or key of before
    return of_now && !agent_.answering && all_->dialects[what_.model].learn(refusal, sent_);
}

awaitable<std::optional<call_error>> attempt::run() {
    sent_ = all_->dialects[what_.model].spoken(what_.body, reserved_.tokens);
    auto request = whole_request(sent_, what_.messages);
    sent_bytes_ = request.size();
    http::fetch_spec post{.method = "POST",
                          .url = all_->where.base_url + "/chat/completions",
                          .fields = {{"Content-Type", "application/json"},
                                     {"Accept", what_.stream ? "text/event-stream" : "application/json"},
                                     {"X-Title", "Persais"}},
                          .secret_fields = {{"Authorization", around("Bearer ", all_->where.key)}},
                          .body = std::move(request),
                          .gathers = what_.stream,
                          .first_byte = all_->options.first_byte,
                          .silence = all_->options.silence};
    auto opened = co_await all_->client.open(std::move(post));
    if (!opened) co_return no_answer(opened.error());
    auto& from = **opened;
    if (from.status != 200) {
        std::string body;
        co_await read_all(from, body,
                          limits::model_error_bytes); // the status says what it is,
                                                      // even when its body is cut
        co_return refused(from.status, from.fields, body);
    }
    named_ = http::header(from.fields, "X-Generation-Id");
    note();
    auto t = co_await pass(from);
    if (!t && watch_.done()) all_->start("llm drain", drain(std::move(*opened)));
    co_return t;
}

awaitable<std::optional<call_error>> attempt::pass(http::exchange& from) {
    std::string begun;
    std::optional<body_shape> shape;
    while (!(shape = shape_of(begun))) {
        auto piece = co_await from.read();
        if (!piece) co_return no_answer(piece.error());
        if (piece->empty())
            co_return cut(told<"The model endpoint's answer is empty.", "Ответ поставщика модели пуст.">());
        begun += *piece;
        if (begun.find_first_not_of(" \t\r\n") == begun.npos) of_->alive(); // white space keeps the connection alive
    }
    switch (*shape) {
    case body_shape::json:
        co_return co_await pass_whole(from, std::move(begun));
    case body_shape::events:
        co_return co_await pass_events(from, std::move(begun));
    case body_shape::page:
        co_return foreign(told<"This address answers with a web page", "По этому адресу отвечает веб-страница">());
    case body_shape::other:
        break;
    }
    co_return foreign(told<"This address answers with something that is no answer of a model",
                           "По этому адресу отвечает что-то, что не похоже на ответ модели">());
}

call_error attempt::foreign(std::string sentence) const {
    auto t = no_model_there(std::move(sentence));
    t.answered = generation().empty();
    return t;
}

awaitable<std::optional<call_error>> attempt::read_all(http::exchange& from, std::string& into, std::size_t most) {
    for (;;) {
        auto piece = co_await from.read();
        if (!piece) co_return no_answer(piece.error());
        if (piece->empty()) co_return std::nullopt;
        if (from.status == 200) of_->alive();
        if (into.size() + piece->size() > most)
            co_return cut(
                told<"The model endpoint's answer is larger than {} bytes.", "Ответ поставщика модели больше {} байт.">(
                    most));
        into += *piece;
    }
}

awaitable<std::optional<call_error>> attempt::pass_whole(http::exchange& from, std::string body) {
    if (auto t = co_await read_all(from, body, limits::model_answer_bytes)) co_return t;
    if (auto t = watch_.body(body, from.fields)) co_return t;
    if (!watch_.any_choice())
        co_return foreign(told<"This address answers with JSON that is no chat completion",
                               "По этому адресу отвечает JSON, который не является ответом модели">());
    if (auto t = watch_.missing(false)) co_return t;
    of_->alive();
    co_await succeed();
    agent_.answering = true;
    if (what_.stream)
        co_await agent_.end_stream(all_->masked(as_stream(body)));
    else
        co_await agent_.to.send(200, json_type(), all_->masked(std::move(body)));
    co_return std::nullopt;
}

awaitable<std::optional<call_error>> attempt::pass_events(http::exchange& from, std::string piece) {
    constexpr std::string_view rest_of_an_event = "\n\n"; // some endpoints leave it out after their last event
    sse_parser parser;
    for (bool ended = false; !ended;) {
        ended = piece.empty();
        std::vector<sse_event> events;
        try {
            events = parser.feed(ended ? rest_of_an_event : std::string_view(piece));
        } catch (const std::length_error& e) {
            co_return cut(
                told<"The model endpoint's stream is broken: {}.", "Поток поставщика модели оборван: {}.">(e.what()));
        }
        for (auto left = std::span<const sse_event>(events); !left.empty();) {
            co_await all_->line.next(); // an endpoint may send faster than we read along
            if (auto t = co_await pass_some(take_turn(left))) co_return t;
            if (watch_.done()) co_return std::nullopt;
        }
        if (ended) break;
        auto next = co_await from.read();
        if (!next) co_return no_answer(next.error());
        piece = std::move(*next);
    }
    // The stream ended without [DONE]. A finish reason, and that the connection
    // was not cut, say the same.
    constexpr sse_event done{.raw = "data: [DONE]\n\n", .data = "[DONE]"};
    co_return co_await pass_some({done});
}

std::optional<call_error> attempt::look_at(const sse_event& one) {
    if (one.comment || one.data.empty()) return std::nullopt;
    if (auto t = watch_.event(one.data)) {
        if (agent_.answering) t->answered = false; // the model has begun to answer, and that may have a price
        return t;
    }
    note();
    if (watch_.done() || !what_.stream) return std::nullopt;
    if (std::exchange(agent_.answering, true)) return std::nullopt;
    std::string().swap(what_.messages);
    all_->give_back_soon();
    return std::nullopt;
}

/// Those of one turn go to the agent in one piece: what is written for each costs more than what is read for it.
awaitable<std::optional<call_error>> attempt::pass_some(std::vector<sse_event> some) {
    std::string waiting;
    for (const auto& one : some) {
        auto t = look_at(one);
        if (t || watch_.done()) {
            co_await pass_on(std::move(waiting));
            co_return t ? t : co_await pass_end(std::string(one.raw));
        }
        of_->alive();
        if (what_.stream)
            waiting += one.raw; // nobody asked for another one; it is read to its end because its usage comes last
    }
    co_await pass_on(std::move(waiting));
    co_return std::nullopt;
}

awaitable<> attempt::pass_on(std::string all_of_it) {
    if (all_of_it.empty()) co_return;
    co_await agent_.begin();
    co_await agent_.to.write(all_->masked(std::move(all_of_it)));
}

awaitable<std::optional<call_error>> attempt::pass_end(std::string last) {
    if (auto t = watch_.missing(true)) co_return t;
    if (!what_.stream) co_return unasked_stream();
    co_await succeed();
    agent_.answering = true;
    of_->alive();
    co_await agent_.end_stream(all_->masked(std::move(last)));
    co_return std::nullopt;
}

void attempt::leave(std::string outcome) {
    if (std::exchange(settled_, true)) return;
    if (watch_.used())
        all_->start("llm settle", settle_known(all_, reserved_.call, cost_of(*watch_.used()), std::move(outcome)));
    else
        settle_later(all_, reserved_.call, generation(), std::move(outcome));
}

/// Some endpoints tell no usage. If such an answer counted as nothing, a budget
/// would not hold.
usage attempt::usage_at_most() const {
    // An estimate stays within the reservation, because it cannot show that a
    // call came dearer than expected.
    return {.sent = tokens_at_most(std::min(sent_bytes_, what_.asked_bytes)),
            .received = std::min(tokens_at_most(watch_.text_bytes()), reserved_.tokens),
            .cost_usd = {}};
}

bill attempt::cost_of(const usage& told) const {
    auto u = told;
    if (!u.cost_usd) { // a count that is missing beside the other one is not zero
        if (u.sent == 0) u.sent = usage_at_most().sent;
        if (u.received == 0 && watch_.text_bytes() > 0) u.received = usage_at_most().received;
    }
    return bill_for(u, what_.writes_cache, all_->catalogue.paid_by(what_.model, watch_.model(), facts_));
}

/// The call is settled before the agent sees the end of its answer, so that
/// `spent_by` then gives the whole sum.
awaitable<> attempt::succeed() {
    auto cost = cost_of(watch_.used().value_or(usage_at_most()));
    if (of_->is_decided_by(what_.model)) {
        of_->succeeded();
        if (watch_.cut_short() && reserved_.shrunk_by != cause::none)
            of_->failed(answer_cut_by(reserved_.shrunk_by, reserved_.of, reserved_.tokens));
    }
    auto answering = watch_.model().empty() ? what_.model : watch_.model();
    spdlog::info("task {} model {}: {} tokens sent ({} cached), {} received, {:.6f} "
                 "dollars by {}",
                 of_->spec.task.value, text::printable(text::cut(answering, limits::model_sentence_bytes)),
                 cost.tokens.sent, cost.tokens.cached, cost.tokens.received, cost.cost_usd, cost.by);
    try {
        co_await all_->books.settle(reserved_.call, std::move(cost), "ok");
        settled_ = true;
    } catch (const store::db_error& e) {
        // The agent gets the answer all the same: it is paid, and would be bought
        // again. The reservation stays counted.
        spdlog::error("task {}: call {} stays reserved: {}", of_->spec.task.value, reserved_.call, e.what());
        settled_ = true;
    }
}

awaitable<> attempt::settle(const call_error& t) {
    std::string outcome(name(t.why));
    if (settled_) co_return;
    settled_ = true;
    if (watch_.used())
        co_await all_->books.settle(reserved_.call, cost_of(*watch_.used()), outcome);
    else if (t.free())
        co_await all_->books.settle(reserved_.call, {{}, 0, "nothing"}, outcome);
    else
        settle_later(all_, reserved_.call, generation(), std::move(outcome));
}

} // namespace persais::llm
