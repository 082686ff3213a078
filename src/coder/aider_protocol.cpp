#include "coder/aider_protocol.hpp"

#include "base/json.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "coder/limits.hpp"
#include "coder/tags.hpp"

#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::coder {

namespace json = boost::json;

std::string to_json(const job& j, const aider_paths& inside, const aider_options& options) {
    auto maybe = [](const std::string& s) { return s.empty() ? json::value(nullptr) : json::value(s); };
    boost::system::error_code ec;
    auto conversation = json::parse(j.conversation, ec);
    if (ec || !conversation.is_array()) conversation = json::array{};
    json::object o{{"version", 1},
                   {"mode", j.what == job::mode::ask ? "ask" : "edit"},
                   {"tree", inside.tree},
                   {"scratch", inside.scratch},
                   {"instruction", j.instruction},
                   {"conversation", std::move(conversation)},
                   {"model", j.model.name},
                   {"weak_model", j.one_model ? json::value(nullptr) : maybe(options.weak_model)},
                   {"edit_format", maybe(options.edit_format)},
                   {"gateway", {{"socket", inside.gateway_socket}, {"token", j.gateway_token.reveal()}}}};
    if (!j.notes.empty()) o["notes"] = j.notes;
    json::object most;
    if (j.model.context_tokens > 0) most["max_input_tokens"] = j.model.context_tokens;
    if (j.model.max_output_tokens > 0) most["max_output_tokens"] = j.model.max_output_tokens;
    if (!most.empty()) o["limits"] = most;
    if (j.model.price_prompt && j.model.price_completion)
        o["prices"] = {{"prompt", *j.model.price_prompt}, {"completion", *j.model.price_completion}};
    if (!inside.tags.empty()) o["map"] = {{"tags", inside.tags}};
    return json::serialize(o);
}

namespace {

std::optional<ending> ending_from(std::string_view word) {
    static const std::map<std::string_view, ending> words{
        {"edited", ending::edited},     {"no_change", ending::no_change},
        {"answered", ending::answered}, {"model_failed", ending::model_failed},
        {"nonsense", ending::nonsense}, {"too_long", ending::too_long},
        {"bad_job", ending::bad_job},   {"crashed", ending::crashed}};
    auto found = words.find(word);
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

/// Reads the kinds of agent/README.md. A kind that is unknown to us is shown as the agent's own sentence.
mechanic::progress::kind progress_kind_from(std::string_view word) {
    using enum mechanic::progress::kind;
    static const std::map<std::string_view, mechanic::progress::kind> words{{"reading_repository", reading_repository},
                                                                            {"no_repository_map", no_repository_map},
                                                                            {"asking_model", asking_model},
                                                                            {"waiting_for_model", waiting_for_model},
                                                                            {"opening", opening},
                                                                            {"editing", editing},
                                                                            {"edit_rejected", edit_rejected},
                                                                            {"answer_broke_off", answer_broke_off}};
    auto found = words.find(word);
    return found == words.end() ? other : found->second;
}

int exit_code_of(ending how) {
    switch (how) {
    case ending::edited:
    case ending::answered:
        return 0;
    case ending::no_change:
        return 1;
    case ending::bad_job:
        return 2;
    case ending::model_failed:
        return 3;
    case ending::nonsense:
        return 4;
    case ending::too_long:
        return 5;
    default:
        return 70;
    }
}

/// A path that a model made up goes into a commit's message and a sentence.
std::string shown_path(std::string_view path) {
    auto text = text::printable(text::cut(path, limits::shown_path_bytes));
    std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == '`'; }, '?');
    return text;
}

report report_from(const json::object& o, ending how) {
    report r{.how = how, .reason = text_in(o, "reason"), .answer = text_in(o, "answer")};
    if (const auto* c = array_in(o, "conversation")) {
        auto text = json::serialize(*c);
        if (text.size() <= limits::conversation_bytes) r.conversation = std::move(text);
    }
    r.files = texts_in(o, "files");
    for (const auto& path : texts_in(o, "edits_failed"))
        r.edits_failed.push_back(shown_path(path));
    return r;
}

} // namespace

void report_reader::read(std::string_view line, const listener& tell) {
    auto object = parse_object(line, 16);
    if (!object) return;
    const auto& o = *object;
    auto event = text_in(o, "event");
    if (event == "result") {
        if (auto how = ending_from(text_in(o, "verdict"))) said_ = report_from(o, *how);
    } else if (event == "progress" && tell.progress) {
        tell.progress({progress_kind_from(text_in(o, "kind")),
                       std::string(text::cut(text::printable(text_in(o, "subject")), limits::progress_text_bytes))});
    } else if (event == "text" && tell.text) {
        tell.text(text::printable(text_in(o, "text")));
    } else if (event == "tags") {
        for (const auto& told : texts_in(o, "rows")) {
            auto row = read_tag_row(told);
            if (!row || tags_bytes_ + row->size() > limits::tags_told_bytes) continue;
            tags_bytes_ += row->size();
            tags_.push_back(std::move(*row));
        }
    }
}

report report_reader::with_tags(report r) const {
    r.tags = tags_;
    return r;
}

report report_reader::finish(int exit_code, std::string_view error_output) const {
    if (said_ && exit_code_of(said_->how) == exit_code) return with_tags(*said_);
    if (said_ && said_->how != ending::edited && said_->how != ending::answered) return with_tags(*said_);
    auto last = text::printable(error_output);
    auto trimmed = text::trim(last);
    auto line = trimmed.substr(trimmed.rfind('\n') == std::string_view::npos ? 0 : trimmed.rfind('\n') + 1);
    return {.how = ending::crashed,
            .reason = fmt::format("The agent's program ended with code {} and no result{}{}.", exit_code,
                                  line.empty() ? "" : ": ", text::cut(line, 200))};
}

} // namespace persais::coder
