#include "mechanic/progress.hpp"

#include <gtest/gtest.h>

using persais::mechanic::progress;
using kind = progress::kind;

TEST(progress, each_kind_is_a_line_of_english) {
    struct row {
        progress what;
        const char* line;
    };
    for (const auto& [what, line] : {
             row{{kind::fetching, "https://h/r"}, "fetching https://h/r"},
             row{{kind::receiving, "Receiving objects:  45% (9/20)"}, "Receiving objects:  45% (9/20)"},
             row{{kind::check_found, "pytest -q (flag)"}, "the checks: pytest -q (flag)"},
             row{{kind::no_check_found}, "no check command was given or found"},
             row{{kind::agent_started}, "the agent is reading"},
             row{{kind::reading_repository}, "reading the repository"},
             row{{kind::no_repository_map, "it took too long"}, "it took too long; the model gets file names instead"},
             row{{kind::asking_model}, "asking the model"},
             row{{kind::waiting_for_model}, "waiting for the model"},
             row{{kind::model_retry, "It is busy. Next try in 3 s."}, "It is busy. Next try in 3 s."},
             row{{kind::opening, "a.py, b.py"}, "opening a.py, b.py"},
             row{{kind::editing, "src/a.py"}, "editing src/a.py"},
             row{{kind::edit_rejected}, "the edit could not be applied; asking again"},
             row{{kind::answer_broke_off}, "the answer broke off; asking again"},
             row{{kind::agent_repairs, "2"}, "the agent repairs, round 2"},
             row{{kind::lfs_left_out, "a.bin"}, "left out, for it is in LFS and nothing uploads it: a.bin"},
             row{{kind::left_out, "lib/x"}, "left out, for it is a repository of its own: lib/x"},
             row{{kind::setting_up, "npm ci"}, "setting up: npm ci"},
             row{{kind::host_denied, "a.test:443"},
                 "setup may not reach a.test:443; SETUP_HOSTS, or setup_hosts in .persais.toml, allows hosts"},
             row{{kind::checking_base, "make test"}, "checking the base: make test"},
             row{{kind::checking, "make test"}, "checking: make test"},
             row{{kind::setup_given_up, "pip install -e ."},
                 "the guessed setup failed, going on without it: pip install -e ."},
             row{{kind::history_cut, "100"},
                 "the base branch's history is too large to be given whole: setup and checks see its newest 100 "
                 "commits; CHECKOUT_DEPTH, or depth in .persais.toml, sets another number"},
             row{{kind::large_copies, "3.1 GiB"}, "setup left 3.1 GiB, which each run of the checks copies"},
             row{{kind::pushing, "mechanic/17"}, "pushing mechanic/17"},
             row{{kind::watching, "It answers 502."}, "looking whether it is healthy: It answers 502."},
             row{{kind::other, "dancing"}, "dancing"},
         })
        EXPECT_EQ(to_string(what), line);
}

TEST(progress_kinds, each_has_a_name_of_its_own_by_which_it_is_found) {
    for (int k = 0; k <= static_cast<int>(progress::kind::other); ++k) {
        auto what = static_cast<progress::kind>(k);
        EXPECT_EQ(persais::mechanic::progress_kind_from(name_of(what)), what) << name_of(what);
    }
    EXPECT_EQ(name_of(progress::kind::fetching), "fetching");
    EXPECT_EQ(name_of(progress::kind::agent_repairs), "agent_repairs");
    EXPECT_EQ(name_of(progress::kind::pushing), "pushing");
    EXPECT_EQ(name_of(progress::kind::other), "other");
    EXPECT_EQ(persais::mechanic::progress_kind_from("of a newer version"), std::nullopt);
}
