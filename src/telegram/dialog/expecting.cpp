#include "telegram/dialog/expecting.hpp"

#include "base/json.hpp"
#include "telegram/dialog/limits.hpp"

namespace persais::telegram {

namespace json = boost::json;

namespace {

std::int64_t seconds_of(time_point t) {
    return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}

} // namespace

std::string expected(const update_context& t, std::string_view what, json::object more) {
    more["what"] = what;
    more["person"] = t.who.id;
    more["at"] = seconds_of(t.with.time.now());
    return json::serialize(more);
}

std::optional<expectation> expectation_of(const update_context& t) {
    if (t.known.expects.empty()) return std::nullopt;
    boost::system::error_code ec;
    auto v = json::parse(t.known.expects, ec);
    if (ec || !v.is_object()) return std::nullopt;
    auto& o = v.get_object();
    auto limit = std::chrono::seconds(limits::expects_for).count();
    if (whole_in(o, "person").value_or(0) != t.who.id) return std::nullopt;
    if (seconds_of(t.with.time.now()) - whole_in(o, "at").value_or(0) > limit) return std::nullopt;
    return expectation{text_in(o, "what"), std::move(o)};
}

void forget_question(update_context& t) {
    auto asked = parse_object(t.known.expects);
    if (!asked || text_in(*asked, "what") == "held") return;
    t.write(telegram::expect(t.where, ""));
    t.known.expects.clear();
}

std::string expected_instruction(const update_context& t, std::string_view what, const instruction& said) {
    json::array pieces;
    for (const auto& each : said.parts)
        pieces.push_back(json::array{each.message, each.characters});
    return expected(t, what,
                    {{"text", said.text},
                     {"question", said.what == mechanic::order::kind::question},
                     {"said_at", said.said_at},
                     {"heard_at", t.one.received.time_since_epoch().count()},
                     {"message", said.message},
                     {"to", said.to ? json::value(said.to->value) : json::value()},
                     {"parts", std::max<std::size_t>(said.parts.size(), 1)},
                     {"pieces", pieces},
                     {"words", said.words},
                     {"unread", said.unread}});
}

std::optional<instruction> kept_instruction(const update_context& t, std::string_view what) {
    auto e = expectation_of(t);
    if (!e || e->what != what) return std::nullopt;
    bool question = flag_in(e->kept, "question");
    std::vector<telegram::message_part> parts;
    if (const auto* pieces = array_in(e->kept, "pieces"))
        for (const auto& each : *pieces)
            if (const auto* pair = each.if_array(); pair && pair->size() == 2)
                parts.push_back({pair->at(0).to_number<std::int64_t>(), pair->at(1).to_number<std::size_t>()});
    auto to = whole_in(e->kept, "to");
    return instruction{.text = text_in(e->kept, "text"),
                       .what = question ? mechanic::order::kind::question : mechanic::order::kind::change,
                       .said_at = whole_in(e->kept, "said_at").value_or(0),
                       .message = whole_in(e->kept, "message").value_or(0),
                       .heard_at = time_point(std::chrono::microseconds(whole_in(e->kept, "heard_at").value_or(0))),
                       .to = to ? std::optional(task_id{*to}) : std::nullopt,
                       .parts = std::move(parts),
                       .words = flag_in(e->kept, "words"),
                       .unread = flag_in(e->kept, "unread")};
}

} // namespace persais::telegram
