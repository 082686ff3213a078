#include "memory/limits.hpp"
#include "service/memory.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::service;

TEST(memory, takes_notes_that_are_text_and_short) {
    EXPECT_EQ(note_from("  Redis is on 6380.\n").value(), "Redis is on 6380.");
    EXPECT_EQ(note_from("a\x1b[31mb").value(), "ab");
    using enum refusal::reason;
    EXPECT_EQ(note_from(" \n").error().why, empty);
    EXPECT_EQ(note_from("\xff").error().why, not_text);
    EXPECT_TRUE(note_from(std::string(limits::memory_item_bytes, 'x')));
    EXPECT_EQ(note_from(std::string(limits::memory_item_bytes + 1, 'x')).error().why, too_long);
}

TEST(memory, is_changed_by_whoever_said_it_alone_or_an_admin) {
    memory::item mine{.people = {5}}, ours{.people = {5, 6}}, of_a_terminal;
    EXPECT_TRUE(may_change_memory(role::user, 5, mine));
    EXPECT_FALSE(may_change_memory(role::reader, 5, mine));
    EXPECT_FALSE(may_change_memory(role::user, 6, mine));
    EXPECT_FALSE(may_change_memory(role::deployer, 5, ours));
    EXPECT_FALSE(may_change_memory(role::user, 5, of_a_terminal));
    EXPECT_TRUE(may_change_memory(role::admin, 6, ours));
    EXPECT_TRUE(may_change_memory(role::stranger, std::nullopt, ours)) << "who is at the machine";
    EXPECT_TRUE(may_read_memory(role::reader));
    EXPECT_FALSE(may_read_memory(role::stranger));
}
