#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/circular_buffer.hpp>

namespace persais::sandbox {

/// Keeps the newest `capacity` bytes of what is added; its memory never exceeds that, and grows with the content.
class ring {
public:
    explicit ring(std::size_t capacity) : bytes_(capacity) {}

    void add(std::string_view piece) {
        cut_ = cut_ || piece.size() > bytes_.reserve();
        bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    }

    /// Oldest first. The ring is empty afterwards.
    std::string take() {
        std::string all(bytes_.begin(), bytes_.end());
        bytes_.clear();
        return all;
    }
    bool cut() const { return cut_; }

private:
    boost::circular_buffer_space_optimized<char> bytes_;
    bool cut_ = false;
};

} // namespace persais::sandbox
