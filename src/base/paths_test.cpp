#include "base/paths.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <gtest/gtest.h>

using namespace persais::paths;

TEST(path_key, spellings_of_one_file_have_one_key) {
    for (const char* same :
         {"infra/x", "INFRA/x", "Infra/X", "infra./x", "infra /x. ", "in\u200cfra/x", "infra/\ufeffx", "inf\u00adra/x"})
        EXPECT_EQ(key(same), "infra/x") << same;
    EXPECT_EQ(key("caf\u00e9"), key("CAFE\u0301"));
    EXPECT_EQ(key("stra\u00dfe"), key("STRASSE"));
    EXPECT_EQ(key("\u212a"), "k");
    EXPECT_EQ(key("КОТ.py"), key("кот.PY"));
    EXPECT_EQ(key("\u0390"), key("\u03b9\u0308\u0301"));
    EXPECT_NE(key("a/b"), key("a/c"));
    EXPECT_NE(key("ab"), key("a/b"));
    EXPECT_NE(key("a\xff"
                  "B"),
              key("a\xfe"
                  "b"))
        << "what is no UTF-8 stays what it is";
    EXPECT_EQ(key("a\xff"
                  "B"),
              "a\xff"
              "b");
    EXPECT_EQ(key(".."), "..");
    EXPECT_EQ(key(""), "");
}

TEST(path_key, streams_and_the_other_separator_are_those_of_ntfs) {
    EXPECT_EQ(key_on_ntfs("Infra\\x::$DATA"), "infra/x");
    EXPECT_EQ(key_on_ntfs(".persais.toml:x"), ".persais.toml");
    EXPECT_NE(key("A::B.3pm"), key("A::C.3pm"));
}

TEST(path_key, git_folders_are_known_by_any_spelling) {
    for (const char* git : {".git", ".GIT", ".Git", "git~1", "GIT~2", ".git.", ".git ", ".git::$INDEX_ALLOCATION",
                            ".g\u200cit", "\ufeff.git", ".git . ."})
        EXPECT_TRUE(is_git_folder(git)) << git;
    for (const char* other : {"git", ".github", ".gitignore", "a.git", "git~", "git~1.txt", "agit~1", ".git2", ""})
        EXPECT_FALSE(is_git_folder(other)) << other;
}

TEST(path_key, short_names_are_compared_with_what_they_may_stand_for) {
    EXPECT_TRUE(may_be_short_for("PERSAI~1.TOM", ".persais.toml"));
    EXPECT_TRUE(may_be_short_for("infras~3", "infrastructure"));
    EXPECT_FALSE(may_be_short_for("infras~3", "infra"));
    EXPECT_FALSE(may_be_short_for("PERSAI~1.TXT", ".persais.toml"));
    EXPECT_FALSE(may_be_short_for("persais", ".persais.toml"));
    for (const char* other : {"file~", "b~x", "infras~3.long", "~1", "toolong~1"})
        EXPECT_EQ(short_stub(other), "") << other;
    EXPECT_NE(short_stub("in~1"), short_stub("infras~1"));
    EXPECT_EQ(stubs_of("readme.md"), std::vector<std::string>{}) << "is short itself";
}

TEST(path_key, of_a_key_is_the_key_and_no_bytes_are_too_strange) {
    std::mt19937 luck(7);
    for (int i = 0; i < 2000; ++i) {
        std::string path;
        for (auto n = luck() % 24; n > 0; --n)
            path +=
                std::array<std::string, 8>{
                    "/",      ".",  " ",      "A\u030a",
                    "\u00df", "~1", "\u200d", std::string(1, static_cast<char>(luck() % 255 + 1))}[luck() % 8];
        auto once = key(path);
        EXPECT_EQ(std::ranges::count(once, '/'), std::ranges::count(path, '/')) << path;
        for (auto part : parts(path, "/\\")) {
            (void)is_git_folder(part);
            EXPECT_FALSE(may_be_short_for(part, part)) << part;
        }
        (void)key_on_ntfs(path);
    }
}

TEST(path_key, parts_are_what_is_between_separators) {
    using list = std::vector<std::string_view>;
    EXPECT_EQ(parts("a/b//c/"), (list{"a", "b", "c"}));
    EXPECT_EQ(parts("a\\b/c", "/\\"), (list{"a", "b", "c"}));
    EXPECT_EQ(parts("///"), list{});
    EXPECT_EQ(parts(""), list{});
}
