#include "telegram/inbound/hook_secrets.hpp"

#include <gtest/gtest.h>

using namespace persais::telegram;
using persais::secret;
using namespace std::chrono_literals;

namespace {
const hook_secrets::time start{1h};
}

TEST(hook_secrets, before_one_is_set_none_is_right) {
    hook_secrets all;
    EXPECT_FALSE(all.know("", start));
    EXPECT_FALSE(all.know("a", start));
}

TEST(hook_secrets, only_the_whole_secret_is_right) {
    hook_secrets all;
    all.set(secret("sesame"));
    EXPECT_TRUE(all.know("sesame", start));
    for (auto* wrong : {"", "sesam", "sesames", "Sesame", "sesame "})
        EXPECT_FALSE(all.know(wrong, start)) << wrong;
}

TEST(hook_secrets, while_it_is_changed_both_are_right_and_then_the_new_one_alone) {
    hook_secrets all;
    all.set(secret("old"));
    all.set(secret("new"));
    EXPECT_TRUE(all.know("old", start + 24h)); // Telegram may not know the new one yet
    all.retire(start + 10min);
    EXPECT_TRUE(all.know("old", start + 9min));
    EXPECT_FALSE(all.know("old", start + 10min));
    EXPECT_TRUE(all.know("new", start + 10min));
}

TEST(hook_secrets, setting_the_same_again_retires_nothing) {
    hook_secrets all;
    all.set(secret("old"));
    all.set(secret("new"));
    all.set(secret("new"));
    EXPECT_TRUE(all.know("old", start));
}

TEST(hook_secrets, one_from_before_a_restart_is_accepted_beside) {
    hook_secrets all;
    all.set(secret("new"));
    all.accept_too(secret("old"));
    EXPECT_TRUE(all.know("old", start));
    EXPECT_TRUE(all.know("new", start));
}

TEST(hook_secrets, a_new_one_is_as_telegram_takes_it) {
    auto made = new_hook_secret();
    EXPECT_EQ(made.reveal().size(), 43u);
    EXPECT_NE(made, new_hook_secret());
}
