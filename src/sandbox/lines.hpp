#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace persais::sandbox {

/// One line of a child's output, without its line end. `cut`: it was longer than limits::process_line_bytes, and the
/// rest of it was dropped.
struct line {
    std::string text;
    bool cut = false;
    bool operator==(const line&) const = default;
};

/// Splits incoming bytes into lines.
class line_buffer {
public:
    void add(std::string_view bytes);
    /// There are no more bytes: an incomplete line counts as a line, too.
    void finish();
    /// The oldest complete line.
    std::optional<line> next();
    /// The memory that the complete lines use, in bytes.
    std::size_t bytes() const { return bytes_; }

private:
    void end_line();

    std::deque<line> whole_;
    std::size_t bytes_ = 0;
    line part_;
};

} // namespace persais::sandbox
