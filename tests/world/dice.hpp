#pragma once
#include <cstdint>
#include <initializer_list>
#include <span>

namespace persais::world {

/// Random numbers that depend on the seed and on what is asked, not on how often: when one fault is left out, the
/// others stay the same.
class dice {
public:
    explicit dice(std::uint64_t seed) : seed_(seed) {}

    std::uint64_t roll(std::initializer_list<std::uint64_t> about) const {
        auto x = mix(seed_ ^ 0x9e3779b97f4a7c15ULL);
        for (auto each : about)
            x = mix(x ^ (each + 0x9e3779b97f4a7c15ULL));
        return x;
    }
    std::uint64_t below(std::uint64_t n, std::initializer_list<std::uint64_t> about) const { return roll(about) % n; }
    bool chance(unsigned percent, std::initializer_list<std::uint64_t> about) const {
        return below(100, about) < percent;
    }

private:
    static std::uint64_t mix(std::uint64_t x) { // the finaliser of splitmix64
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    }
    std::uint64_t seed_;
};

/// The same, as a sequence.
class dice_row {
public:
    dice_row(dice of, std::uint64_t about) : of_(of), about_(about) {}
    std::uint64_t below(std::uint64_t n) { return of_.below(n, {about_, ++count_}); }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
    }
    bool chance(unsigned percent) { return below(100) < percent; }
    /// A random index; `weights` are the relative frequencies.
    std::size_t pick(std::span<const unsigned> weights) {
        std::uint64_t sum = 0;
        for (auto w : weights)
            sum += w;
        auto left = below(sum);
        for (std::size_t i = 0;; ++i) {
            if (left < weights[i]) return i;
            left -= weights[i];
        }
    }
    std::size_t pick(std::initializer_list<unsigned> weights) {
        return pick(std::span(weights.begin(), weights.size()));
    }

private:
    dice of_;
    std::uint64_t about_;
    std::uint64_t count_ = 0;
};

} // namespace persais::world
