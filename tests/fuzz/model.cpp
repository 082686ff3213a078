// What a model's endpoint answers, and what the agent asks of it.
#include "base/json.hpp"
#include "fuzz.hpp"
#include "llm/answer.hpp"
#include "llm/dialect.hpp"
#include "llm/outcome.hpp"
#include "llm/rewrite.hpp"
#include "llm/shape.hpp"
#include "llm/sse.hpp"

static std::string hold_model(std::string_view bytes) {
    using namespace persais;
    using namespace persais::llm;
    sse_parser whole, pieces;
    auto events = whole.feed(bytes);
    std::string one, two;
    auto add = [](std::string& to, const sse_event& e) { to.append(e.raw).append(e.data).append(e.comment ? "\n" : "\n\n"); };
    for (const auto& e : events)
        add(one, e);
    for (std::size_t at = 0; at < bytes.size(); at += 3)
        for (const auto& e : pieces.feed(bytes.substr(at, 3)))
            add(two, e);
    if (one != two) return "other events when cut elsewhere";
    answer_watch watch;
    for (const auto& e : events)
        if (!e.comment) watch.event(e.data);
    answer_watch().body(bytes, {});
    std::string beginning(bytes);
    shape_of(beginning);
    if (auto object = parse_object(bytes)) {
        as_stream(bytes);
        dialect way;
        way.learn(refused(400, {}, std::string(bytes)), *object);
        way.spoken(*object, 100);
    }
    rules by{.model = "a/b", .weak_model = {}, .provider_json = {}, .session = {}};
    if (auto asked = read_chat(bytes, by); asked && asked->model.empty()) return "a request for no model";
    return {};
}

PERSAIS_FUZZ(hold_model)
