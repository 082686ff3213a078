#include "telegram/outbound/testing_properties.hpp"

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

using namespace persais::telegram;

namespace {

std::vector<std::string> corpus(std::string_view name) {
    std::vector<std::string> all;
    for (const auto& file : std::filesystem::directory_iterator(std::string(PERSAIS_SOURCE_DIR "/tests/fuzz/corpus/") +
                                                                std::string(name))) {
        std::ifstream in(file.path(), std::ios::binary);
        all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    std::ranges::sort(all); // the folder's order is not defined
    return all;
}

/// Mutates as a fuzzer does: changes, removes and doubles bytes, and inserts pieces of the other inputs.
std::string mutated(std::string s, const std::vector<std::string>& others, std::mt19937_64& dice) {
    auto roll = [&](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(dice() % n); };
    for (auto n = 1 + roll(6); n > 0; --n) {
        auto at = roll(s.size() + 1), length = std::min(s.size() - at, roll(9));
        const auto& other = others[roll(others.size())];
        switch (roll(5)) {
        case 0:
            s.erase(at, length);
            break;
        case 1:
            s.insert(at, 1, static_cast<char>(roll(256)));
            break;
        case 2:
            s.insert(at, s.substr(at, length));
            break;
        case 3:
            s.insert(at, other.substr(roll(other.size()), roll(40)));
            break;
        default:
            if (at < s.size()) s[at] = static_cast<char>(roll(256));
            break;
        }
    }
    return s;
}

/// The seed is fixed, so that an input that fails once fails again.
void expect_holds(std::string_view name, std::string (*property)(std::string_view), int tries) {
    auto known = corpus(name);
    ASSERT_FALSE(known.empty());
    for (const auto& bytes : known)
        EXPECT_EQ(property(bytes), "") << testing::PrintToString(bytes);
    std::mt19937_64 dice(17);
    for (int i = 0; i < tries; ++i) {
        auto bytes = mutated(known[dice() % known.size()], known, dice);
        ASSERT_EQ(property(bytes), "") << testing::PrintToString(bytes);
    }
}

} // namespace

TEST(any_bytes, of_an_update) {
    expect_holds("update", world::hold_update, 2000);
}
TEST(any_bytes, of_an_answer) {
    expect_holds("answer", world::hold_answer, 2000);
}
TEST(any_bytes, of_a_command) {
    expect_holds("command", world::hold_command, 2000);
}
TEST(any_bytes, of_a_text) {
    expect_holds("text", world::hold_text, 200);
}
