#include "llm/sse.hpp"

#include "llm/limits.hpp"

#include <stdexcept>
#include <utility>

namespace persais::llm {

void sse_parser::line_over(std::vector<sse_event>& out) {
    std::string line = std::exchange(line_, {});
    if (!line.empty() && line.front() == ':') {
        // A comment stands alone unless an event is half there: it must reach the agent now, not with the next event.
        if (!has_data_ && !other_fields_) {
            out.push_back({std::exchange(now_.raw, {}) + "\n", {}, true});
            return;
        }
        return;
    }
    if (line.empty()) {
        if (has_data_ || other_fields_) out.push_back(std::exchange(now_, {}));
        now_ = {};
        has_data_ = other_fields_ = false;
        return;
    }
    auto colon = line.find(':');
    std::string_view name = std::string_view(line).substr(0, colon);
    std::string_view value = colon == std::string::npos ? std::string_view() : std::string_view(line).substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name != "data") {
        other_fields_ = true;
        return;
    }
    if (has_data_) now_.data += '\n';
    now_.data += value;
    has_data_ = true;
}

std::vector<sse_event> sse_parser::feed(std::string_view bytes) {
    std::vector<sse_event> out;
    for (char c : bytes) {
        if (c == '\n' && after_cr_) { // the second half of a CRLF whose line is over already
            after_cr_ = false;
            continue;
        }
        after_cr_ = c == '\r';
        if (c == '\r' || c == '\n') {
            now_.raw += '\n';
            line_over(out);
            continue;
        }
        now_.raw += c;
        line_ += c;
        if (now_.raw.size() > limits::model_event_bytes) throw std::length_error("an event of the stream is too large");
    }
    return out;
}

} // namespace persais::llm
