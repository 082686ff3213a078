#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace persais::llm {

/// One event of a server-sent event stream, or a run of comment lines. Valid until its parser is fed again.
struct sse_event {
    std::string_view raw;  // its bytes, to be passed on as they came (comments too, with the blank line after them)
    std::string_view data; // the data lines, joined by '\n'
    bool comment = false;  // nothing but comments: a sign of life
};

/// Bytes in, events out, wherever the pieces are cut. Lines end with LF, CRLF or CR as the specification says.
class sse_parser {
public:
    /// The events that are whole now. Throws length_error when one is larger than `model_event_bytes`.
    std::vector<sse_event> feed(std::string_view bytes);
    /// True when the stream stopped inside an event.
    bool inside() const { return event_ < text_.size(); }

private:
    void forget_events();
    void take_in(std::string_view bytes);
    void line_over(std::size_t end, std::vector<sse_event>& out);
    void take_data(std::string_view value);
    void event_over(std::size_t end);

    std::string text_;         // what has come since the newest event's beginning, at least; each line ends with LF
    std::size_t event_ = 0;    // where in it the newest event begins
    std::size_t line_ = 0;     // where its newest line begins
    std::size_t searched_ = 0; // up to here no line ends after `line_`
    std::deque<std::string> built_; // of the events that were given: what does not stand in the text in one piece
    std::size_t data_at_ = 0;       // the event's only line of data, from the event's beginning
    std::size_t data_size_ = 0;
    std::string data_;      // of several such lines
    std::size_t lines_ = 0; // of data
    bool after_cr_ = false;
    bool other_fields_ = false;
};

} // namespace persais::llm
