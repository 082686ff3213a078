#include "llm/rewrite.hpp"

#include "base/json.hpp"
#include "base/model_name.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "llm/limits.hpp"
#include "llm/money.hpp"
#include "llm/priced.hpp"

#include <algorithm>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::llm {

namespace json = boost::json;

namespace {

std::unexpected<call_error> bad(std::string sentence) {
    return std::unexpected(call_error{cause::model, false, std::nullopt, 400, std::move(sentence)});
}

bool ends_with_the_model(const json::array& messages) {
    const auto* last = messages.back().if_object();
    return last && text_in(*last, "role") == "assistant";
}

/// Goes through the text of JSON that was found to be correct.
class json_text {
public:
    explicit json_text(std::string_view text) : text_(text) {}

    /// The text of the member of the whole object that has this name, and how many members the objects in it have.
    struct member {
        std::string_view text;
        std::size_t members = 0;
    };
    /// nullopt: there is none, or it is written in a way that others may read as something else: it is there twice, or
    /// a name of the whole object has escapes.
    std::optional<member> only(std::string_view name) {
        std::optional<member> found;
        next_of("{");
        while (next_of("\"}") == '"') {
            auto key = string();
            if (key.contains('\\')) return std::nullopt;
            next_of(":");
            ++at_;
            auto one = value(); // up to what comes after it
            if (key != name) continue;
            if (found) return std::nullopt;
            found = one;
        }
        return found;
    }

private:
    /// Goes on to the first of these characters.
    char next_of(std::string_view any) {
        at_ = std::min(text_.find_first_of(any, at_), text_.size());
        return at_ < text_.size() ? text_[at_] : '}';
    }
    /// From a quote to behind the next one that is none of its characters; without them.
    std::string_view string() {
        auto begin = ++at_;
        for (;; ++at_) {
            at_ = std::min(text_.find('"', at_), text_.size());
            auto last = at_;
            while (last > begin && text_[last - 1] == '\\')
                --last;
            if ((at_ - last) % 2 == 0 || at_ == text_.size()) break;
        }
        auto end = at_;
        at_ = std::min(at_ + 1, text_.size());
        return text_.substr(begin, end - begin);
    }
    member value() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
        auto begin = at_;
        member read;
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            auto c = text_[at_];
            if (depth == 0 && (c == ',' || c == '}')) break;
            if (c == '"') {
                string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            read.members += c == ':';
            ++at_;
        }
        read.text = text_.substr(begin, at_ - begin);
        return read;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::size_t members_in(const json::value& value) {
    std::size_t all = 0;
    if (const auto* list = value.if_array())
        for (const auto& each : *list)
            all += members_in(each);
    if (const auto* object = value.if_object())
        for (const auto& [name, each] : *object)
            all += 1 + members_in(each);
    return all;
}

/// The stricter wins: what the service's own settings demand already stays.
void demand(json::object& body, const data_rules& by) {
    if (!by.zero_retention && !by.no_collection) return;
    auto& provider = body["provider"];
    if (!provider.is_object()) provider = json::object();
    if (by.zero_retention) provider.get_object()["zdr"] = true;
    if (by.no_collection) provider.get_object()["data_collection"] = "deny";
}

/// The messages as they go on: as the agent wrote them, because writing 30 KB anew costs as much as reading them does.
/// Where an object names something twice, nobody knows which one the endpoint takes, so that what was looked at is
/// written.
std::string text_of_messages(std::string_view body, const json::value& messages) {
    auto written = json_text(body).only("messages");
    if (written && written->members == members_in(messages)) return std::string(written->text);
    return json::serialize(messages);
}

} // namespace

bool data_rules::allow(std::string_view model) const {
    return models.empty() ||
           std::ranges::any_of(models, [&](const auto& m) { return plain_model(m) == plain_model(model); });
}

std::string session_id(std::string_view base_url, task_id task) {
    auto url = parse_url(base_url);
    return url && lower_case(url->host) == "openrouter.ai" ? "persais-" + task.str() : "";
}

result<chat, call_error> read_chat(std::string_view body, const rules& by) {
    json::parse_options depth;
    depth.max_depth = limits::model_json_depth;
    boost::system::error_code ec;
    json::monotonic_resource memory(std::max<std::size_t>(body.size(), 1)); // of what is let go again as a whole
    auto value = json::parse(body, ec, &memory, depth);
    if (ec == json::error::too_deep)
        return bad(fmt::format("The request's JSON is nested deeper than {} levels.", limits::model_json_depth));
    if (ec) return bad(fmt::format("The request is not JSON: {}.", ec.message()));
    if (!value.is_object()) return bad("The request is no JSON object.");
    auto& asked = value.get_object();
    const auto* messages = array_in(asked, "messages");
    if (!messages || messages->empty()) return bad("The request has no messages.");
    auto* model = asked.if_contains("model");
    if (!model || !model->is_string()) return bad("The request names no model.");

    chat c;
    c.model = plain_model(std::string_view(model->get_string()));
    if (c.model != plain_model(by.model) && (by.weak_model.empty() || c.model != plain_model(by.weak_model)))
        return std::unexpected(
            call_error{cause::model, false, std::nullopt, 404,
                       fmt::format("No endpoints found for {}. This task uses {}.", c.model, plain_model(by.model))});
    if (!by.data.allow(c.model))
        return std::unexpected(call_error{cause::policy, false, std::nullopt, 403,
                                          told<"The repository of this task does not allow the model {}.",
                                               "Репозиторий этой задачи не разрешает модель {}.">(c.model)});
    constexpr std::string_view with_searches = ":online";
    if (c.model.ends_with(with_searches)) return bad("What the web searches of an :online model cost is not known.");
    if (auto why = unpriced(asked)) return bad(std::move(*why));
    c.stream = flag_in(asked, "stream");
    c.writes_cache = writes_cache(asked);
    c.continues = ends_with_the_model(*messages);
    c.asked_tokens = std::max(read_count(asked, "max_tokens"), read_count(asked, "max_completion_tokens"));
    c.asked_bytes = body.size();
    c.messages = text_of_messages(body, asked.at("messages"));
    asked.erase("messages");
    c.body = passed_on(std::move(asked));
    c.body["model"] = c.model;
    if (!by.session.empty()) c.body["session_id"] = by.session;
    if (c.stream) {
        c.body["stream"] = true;
        c.body["stream_options"] = {{"include_usage", true}};
    }
    if (!by.provider_json.empty())
        if (auto provider = json::parse(by.provider_json, ec); !ec) c.body["provider"] = std::move(provider);
    demand(c.body, by.data);
    return c;
}

std::string whole_request(const json::object& body, std::string_view messages) {
    auto rest = json::serialize(body);
    constexpr std::string_view first = "{\"messages\":";
    std::string all;
    all.reserve(first.size() + messages.size() + rest.size());
    return all.append(first).append(messages).append(body.empty() ? "" : ",").append(rest, 1);
}

namespace {

/// A bound that nobody asked for reserves the money of a long answer for each call, and what it reserves is not there
/// for other tasks of the day. So it is half of the task's budget, or a modest one where that buys more.
std::int64_t tokens_of_nobody(const model_facts& facts, std::int64_t prompt_tokens, double task_budget_usd) {
    if (!facts.priced() || facts.max_output_tokens <= limits::model_output_tokens) return limits::model_output_tokens;
    auto per_million = *priced_for(facts, prompt_tokens).price_completion;
    auto half =
        per_million > 0 ? task_budget_usd / 2 * 1e6 / per_million : static_cast<double>(facts.max_output_tokens);
    return std::max(limits::model_output_tokens,
                    static_cast<std::int64_t>(std::clamp(half, 0.0, static_cast<double>(facts.max_output_tokens))));
}

} // namespace

std::int64_t tokens_wanted(const chat& c, const model_facts& facts, std::int64_t prompt_tokens,
                           double task_budget_usd) {
    auto most = c.asked_tokens > 0 ? c.asked_tokens : tokens_of_nobody(facts, prompt_tokens, task_budget_usd);
    if (facts.max_output_tokens > 0) most = std::min(most, facts.max_output_tokens);
    // The prompt is over-estimated, so a quarter of the context stays for the answer whatever the estimate says.
    if (facts.context_tokens > 0)
        most = std::min(most, std::max(facts.context_tokens - prompt_tokens, facts.context_tokens / 4));
    return std::max<std::int64_t>(most, 1);
}

} // namespace persais::llm
