#include "llm/sse.hpp"

#include "llm/limits.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace persais::llm {

void sse_parser::forget_events() {
    built_.clear();
    text_.erase(0, event_);
    line_ -= event_;
    searched_ -= event_;
    event_ = 0;
}

void sse_parser::take_in(std::string_view bytes) {
    if (!after_cr_ && bytes.find('\r') == bytes.npos) { // nearly always
        text_ += bytes;
        return;
    }
    for (char c : bytes) {
        bool second_half = c == '\n' && after_cr_; // of a CRLF whose line is over already
        after_cr_ = c == '\r';
        if (!second_half) text_ += c == '\r' ? '\n' : c;
    }
}

void sse_parser::take_data(std::string_view value) {
    if (++lines_ == 1) {
        data_at_ = static_cast<std::size_t>(value.data() - text_.data()) - event_;
        data_size_ = value.size();
        return;
    }
    if (lines_ == 2) data_.assign(text_, event_ + data_at_, data_size_);
    data_ += '\n';
    data_ += value;
}

/// The next one begins at `end`.
void sse_parser::event_over(std::size_t end) {
    event_ = end;
    lines_ = data_size_ = 0;
    other_fields_ = false;
}

void sse_parser::line_over(std::size_t end, std::vector<sse_event>& out) {
    const auto all = std::string_view(text_);
    const auto line = all.substr(line_, end - line_);
    line_ = end + 1;
    bool begun = lines_ > 0 || other_fields_;
    if (line.empty()) {
        if (lines_ > 1) built_.push_back(std::exchange(data_, {}));
        if (begun)
            out.push_back({.raw = all.substr(event_, line_ - event_),
                           .data = lines_ > 1 ? std::string_view(built_.back())
                                              : all.substr(event_ + (lines_ == 1 ? data_at_ : 0), data_size_)});
        event_over(line_);
        return;
    }
    if (line.front() == ':') {
        // A comment stands alone unless an event is half there: it must reach the agent now, not with the next event.
        if (begun) return;
        built_.push_back(std::string(line) + "\n\n");
        out.push_back({.raw = built_.back(), .data = {}, .comment = true});
        event_over(line_);
        return;
    }
    const auto colon = line.find(':');
    auto value = colon == line.npos ? line.substr(line.size()) : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (line.substr(0, colon) == "data")
        take_data(value);
    else
        other_fields_ = true;
}

std::vector<sse_event> sse_parser::feed(std::string_view bytes) {
    forget_events();
    take_in(bytes);
    std::vector<sse_event> out;
    auto too_large = [&](std::size_t end) { return end - event_ > limits::model_event_bytes; };
    for (;;) {
        const auto end = text_.find('\n', searched_);
        if (too_large(std::min(end, text_.size()))) throw std::length_error("an event of the stream is too large");
        if (end == text_.npos) break;
        line_over(end, out);
        searched_ = end + 1;
    }
    searched_ = text_.size();
    return out;
}

} // namespace persais::llm
