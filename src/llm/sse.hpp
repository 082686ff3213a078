#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace persais::llm {

/// One event of a server-sent event stream, or a run of comment lines.
struct sse_event {
    std::string raw;      // its bytes, to be passed on as they came (comments too, with the blank line after them)
    std::string data;     // the data lines, joined by '\n'
    bool comment = false; // nothing but comments: a sign of life
};

/// Bytes in, events out, wherever the pieces are cut. Lines end with LF, CRLF or CR as the specification says.
class sse_parser {
public:
    /// The events that are whole now. Throws length_error when one is larger than `model_event_bytes`.
    std::vector<sse_event> feed(std::string_view bytes);
    /// True when the stream stopped inside an event.
    bool inside() const { return !now_.raw.empty() || !line_.empty(); }

private:
    void line_over(std::vector<sse_event>& out);
    sse_event now_;
    std::string line_; // without its end
    bool after_cr_ = false;
    bool has_data_ = false;
    bool other_fields_ = false;
};

} // namespace persais::llm
