#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace persais::sandbox {

/// Keeps the newest `capacity` bytes of what is added; memory never exceeds that.
class ring {
public:
    explicit ring(std::size_t capacity) : capacity_(capacity) {}

    void add(std::string_view piece) {
        if (piece.size() > capacity_) {
            piece.remove_prefix(piece.size() - capacity_);
            cut_ = true;
        }
        std::size_t grow = std::min(piece.size(), capacity_ - bytes_.size());
        bytes_.append(piece.substr(0, grow));
        piece.remove_prefix(grow);
        if (piece.empty()) return;
        cut_ = true;
        std::size_t first = std::min(piece.size(), capacity_ - next_);
        std::copy_n(piece.data(), first, bytes_.data() + next_);
        std::copy_n(piece.data() + first, piece.size() - first, bytes_.data());
        next_ = (next_ + piece.size()) % capacity_;
    }

    /// Oldest first. The ring is empty afterwards.
    std::string take() {
        std::rotate(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(next_), bytes_.end());
        next_ = 0;
        return std::move(bytes_);
    }
    bool cut() const { return cut_; }

private:
    std::size_t capacity_;
    std::size_t next_ = 0; // the oldest byte, once full
    bool cut_ = false;
    std::string bytes_;
};

} // namespace persais::sandbox
