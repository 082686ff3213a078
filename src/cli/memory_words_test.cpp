#include "cli/memory_words.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

memory::item of_task() {
    return {.id = 7,
            .remote = "/srv/r.git",
            .kind = "reverted",
            .task = task_id{12},
            .turn = 1,
            .commit = "c",
            .at = time_point(std::chrono::sys_days(std::chrono::year(2026) / 5 / 3)),
            .text = "Wanted: x\nIt was \x1b[2Jtaken back.",
            .untrue = "deployed_again",
            .people = {4}};
}

} // namespace

TEST(memory_words, name_the_number_the_source_and_why_an_item_is_not_given) {
    auto text = memory_words({of_task()});
    EXPECT_TRUE(text.starts_with("7  task 12, taken back, 2026-05-03")) << text;
    EXPECT_TRUE(text.contains("; not given any more  /srv/r.git\n    Wanted: x\n    It was")) << text;
    EXPECT_FALSE(text.contains('\x1b'));
    EXPECT_EQ(memory_words({}), "Nothing is remembered there yet.\n");
}

TEST(memory_words, tell_of_tasks_that_were_much_the_same) {
    EXPECT_EQ(
        twin_words({{task_id{12}, of_task().at, true}, {task_id{13}, of_task().at, false}}),
        (std::vector<std::string>{
            "Task 12 was much the same, and its result was taken back or put away (2026-05-03): `persais show 12`.",
            "Task 13 was much the same (2026-05-03): `persais show 13`."}));
}

TEST(memory_words, are_objects_for_programs) {
    auto note = of_task();
    note.task.reset();
    note.kind = "note";
    note.people.clear();
    EXPECT_TRUE(memory_json(note).at("task").is_null());
    EXPECT_EQ(memory_json(of_task()).at("task"), "12");
    EXPECT_EQ(memory_json(of_task()).at("people").as_array().at(0), "4");
}
