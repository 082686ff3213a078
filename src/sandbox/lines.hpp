#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace persais::sandbox {

/// One line of a child's output, without its end. `cut`: it was longer than limits::process_line_bytes, and the rest of
/// it was dropped.
struct line {
    std::string text;
    bool cut = false;
    bool operator==(const line&) const = default;
};

/// Makes lines of bytes as they come.
class line_buffer {
public:
    void add(std::string_view bytes);
    /// There are no more bytes: what has no end yet is a line, too.
    void finish();
    /// The oldest line that is whole.
    std::optional<line> next();
    /// Memory of the lines that are whole.
    std::size_t bytes() const { return bytes_; }

private:
    void end_line();

    std::deque<line> whole_;
    std::size_t bytes_ = 0;
    line part_;
};

} // namespace persais::sandbox
