#include "sandbox/lines.hpp"

#include "sandbox/limits.hpp"

#include <algorithm>
#include <utility>

namespace persais::sandbox {
namespace {

/// More than the text is counted, because a child that prints only line ends must be slowed down, too.
std::size_t size_of(const line& one) {
    return sizeof one + one.text.size();
}

} // namespace

void line_buffer::end_line() {
    bytes_ += size_of(part_);
    whole_.push_back(std::exchange(part_, {}));
}

void line_buffer::add(std::string_view bytes) {
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        auto piece = bytes.substr(0, end);
        auto room = limits::process_line_bytes - part_.text.size();
        part_.text.append(piece.substr(0, room));
        part_.cut = part_.cut || piece.size() > room;
        if (end == std::string_view::npos) return;
        end_line();
        bytes.remove_prefix(end + 1);
    }
}

void line_buffer::finish() {
    if (!part_.text.empty()) end_line();
}

std::optional<line> line_buffer::next() {
    if (whole_.empty()) return std::nullopt;
    bytes_ -= size_of(whole_.front());
    line first = std::move(whole_.front());
    whole_.pop_front();
    return first;
}

} // namespace persais::sandbox
