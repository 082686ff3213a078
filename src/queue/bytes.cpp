#include "queue/bytes.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace persais::queue {

std::string bytea(std::string_view bytes) {
    return "\\x" + to_hex(bytes);
}

std::string from_bytea(std::string_view text) {
    return from_hex(text.substr(std::min<std::size_t>(2, text.size())));
}

} // namespace persais::queue
