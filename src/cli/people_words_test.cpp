#include "cli/people_words.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;

namespace {

queue::team_member ann() {
    return {.id = 11,
            .name = "Ann",
            .paired = true,
            .let_in = false,
            .grants = {{11, "", "reader"}, {11, "you/shop", "deployer"}},
            .known_as = {{"terminal", "terminal"}, {"github", "ann-lee"}}};
}

} // namespace

TEST(people_words, name_those_of_the_settings_and_all_others_with_what_they_have) {
    config::settings s;
    s.telegram_admin_ids = {1};
    EXPECT_EQ(people_words({ann()}, s),
              "1  admin (TELEGRAM_ADMIN_IDS)\n"
              "11  Ann  admin (by the one-time code), reader, deployer (you/shop)  [this database's terminal, github: "
              "ann-lee]\n");
    EXPECT_TRUE(people_words({}, {}).starts_with("Nobody yet:"));
}

TEST(people_words, show_no_characters_that_a_terminal_would_obey) {
    auto eve = ann();
    eve.name = "E\x1b[2Jve";
    EXPECT_FALSE(people_words({eve}, {}).contains('\x1b'));
}

TEST(people_words, for_a_program_have_every_role_and_name) {
    auto line = boost::json::serialize(person_json(ann()));
    EXPECT_TRUE(line.contains(R"({"role":"deployer","repository":"you/shop"})")) << line;
    EXPECT_TRUE(line.contains(R"({"kind":"github","id":"ann-lee"})")) << line;
}
