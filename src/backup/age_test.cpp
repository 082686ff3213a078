#include "backup/age.hpp"
#include "base/age_key.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

constexpr std::size_t chunk = 64UL * 1024, tag = 16;

secret a_key() {
    return *age_key_bytes(make_age_key());
}

std::string shut(const secret& key, std::string_view plain, std::size_t piece = 1000) {
    std::string all;
    age_writer to(key, [&](std::string_view bytes) { all += bytes; });
    for (; !plain.empty(); plain.remove_prefix(std::min(piece, plain.size())))
        to.write(plain.substr(0, piece));
    to.finish();
    return all;
}

std::string open(const secret& key, std::string_view file, std::size_t most = 777) {
    age_reader from(key, [&](std::size_t count) {
        std::string piece(file.substr(0, std::min<std::size_t>(count, 5000)));
        file.remove_prefix(piece.size());
        return piece;
    });
    std::string all;
    for (auto piece = from.read(most); !piece.empty(); piece = from.read(most))
        all += piece;
    return all;
}

/// How opening it ended; nullopt: well.
std::optional<broken::how> trouble(const secret& key, std::string_view file) {
    try {
        open(key, file);
        return std::nullopt;
    } catch (const broken& e) {
        EXPECT_NE(std::string(e.what()), "");
        return e.kind;
    }
}

std::size_t header_bytes(std::string_view file) {
    return file.find('\n', file.find("\n--- ") + 1) + 1 + 16; // and the nonce
}

TEST(age, gives_back_what_was_written_whatever_its_length) {
    auto key = a_key();
    for (std::size_t n : {std::size_t(0), std::size_t(1), chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5}) {
        auto plain = random_bytes(n + 1).substr(1);
        auto file = shut(key, plain);
        EXPECT_EQ(open(key, file), plain) << n;
        auto chunks = std::max<std::size_t>(1, (n + chunk - 1) / chunk);
        EXPECT_EQ(file.size(), header_bytes(file) + n + chunks * tag) << n;
    }
}

TEST(age, opens_a_file_that_the_program_age_wrote) {
    // `printf 'hello from age\n' | age -r $(age-keygen -y KEY)`, age 1.1.1; the key has the bytes 0, 1, … 31.
    std::string bytes;
    for (char c = 0; c < 32; ++c)
        bytes += c;
    const std::string vector =
        "6167652d656e6372797074696f6e2e6f72672f76310a2d3e20583235353139205348766a6f7053794e704538437a6f35786b"
        "685134426961474a6d4e55426265554f764267422f6b7431550a6778547173355249356a30422b3338784976676b64557833"
        "3439494f44547256367446664267616d4451300a2d2d2d206f3846494874497776374f353533696855767768303457555831"
        "7537464e4c613247347655387a5a634b670a38adbd5cf0e0b66be82a0bc0262631357b22676e845111719017f71311898d8b"
        "25deb62c2e7a03f0b9e58f4c96f230";
    EXPECT_EQ(open(secret(bytes), from_hex(vector)), "hello from age\n");
}

TEST(age, another_key_opens_nothing) {
    auto file = shut(a_key(), "text");
    EXPECT_EQ(trouble(a_key(), file), broken::how::wrong_key);
}

TEST(age, each_end_that_is_cut_off_is_found) {
    auto key = a_key();
    auto file = shut(key, random_bytes(2 * chunk + 100));
    auto head = header_bytes(file);
    EXPECT_EQ(trouble(key, file.substr(0, head)), broken::how::cut_off);
    EXPECT_EQ(trouble(key, file.substr(0, head - 3)), broken::how::cut_off);
    EXPECT_EQ(trouble(key, file.substr(0, head + chunk + tag)), broken::how::cut_off) << "between two chunks";
    EXPECT_EQ(trouble(key, file.substr(0, head + 2 * (chunk + tag))), broken::how::cut_off);
    for (auto end : {head + 10, head + 500, head + chunk + tag + 1, file.size() - 1})
        EXPECT_TRUE(trouble(key, file.substr(0, end))) << end;
    for (std::size_t end : {0UL, 10UL, 40UL, 100UL})
        EXPECT_EQ(trouble(key, file.substr(0, end)), broken::how::no_backup) << end;
}

TEST(age, each_byte_that_was_changed_is_found) {
    auto key = a_key();
    auto file = shut(key, random_bytes(chunk + 100));
    auto head = header_bytes(file);
    for (std::size_t at = 0; at < file.size(); at += at < head + 64 ? 1 : 4999) {
        auto wrong = file;
        wrong[at] = static_cast<char>(wrong[at] ^ 1);
        EXPECT_TRUE(trouble(key, wrong)) << at;
    }
    EXPECT_TRUE(trouble(key, file + "x")) << "and what was put behind it";
}

TEST(age, chunks_in_another_order_twice_or_from_another_file_are_found) {
    auto key = a_key();
    auto plain = random_bytes(3 * chunk);
    auto file = shut(key, plain), other = shut(key, plain);
    auto head = header_bytes(file);
    auto piece = [&](const std::string& of, std::size_t n) { return of.substr(head + n * (chunk + tag), chunk + tag); };
    auto begin = file.substr(0, head);
    EXPECT_EQ(trouble(key, begin + piece(file, 0) + piece(file, 1) + piece(file, 2)), std::nullopt);
    EXPECT_EQ(trouble(key, begin + piece(file, 1) + piece(file, 0) + piece(file, 2)), broken::how::changed);
    EXPECT_EQ(trouble(key, begin + piece(file, 0) + piece(file, 0) + piece(file, 2)), broken::how::changed);
    EXPECT_EQ(trouble(key, begin + piece(file, 0) + piece(file, 2)), broken::how::changed);
    EXPECT_EQ(trouble(key, begin + piece(file, 0) + piece(other, 1) + piece(file, 2)), broken::how::changed);
    EXPECT_EQ(trouble(key, begin + piece(file, 0) + piece(file, 1) + piece(file, 2) + piece(file, 2)),
              broken::how::changed);
}

TEST(age, a_header_without_an_end_is_refused_and_not_read_for_ever) {
    auto key = a_key();
    EXPECT_EQ(trouble(key, "age-encryption.org/v1\n" + std::string(1'000'000, 'x')), broken::how::no_backup);
    std::string lines = "age-encryption.org/v1\n";
    for (int i = 0; i < 100'000; ++i)
        lines += "-> other x\n";
    EXPECT_EQ(trouble(key, lines), broken::how::no_backup);
    EXPECT_EQ(trouble(key, "age-encryption.org/v1\n--- x\n"), broken::how::wrong_key);
}

} // namespace
} // namespace persais::backup
