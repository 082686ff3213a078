#include "base/model_name.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(model_name, aiders_spelling_is_the_endpoints_and_openrouters_own_models_stay) {
    for (auto [said, plain] : {std::pair("openrouter/x/y", "x/y"),
                               {"x/y", "x/y"},
                               {"openrouter/auto", "openrouter/auto"},
                               {"openrouter/openrouter/auto", "openrouter/auto"},
                               {"openrouter/x/y:free", "x/y:free"},
                               {"~v/n-latest", "~v/n-latest"},
                               {"openrouter/", ""},
                               {"openrouter", "openrouter"},
                               {"", ""}})
        EXPECT_EQ(plain_model(said), plain) << said;
}

TEST(model_name, only_aiders_own_spelling_is_taken_off_and_only_once) {
    for (auto [said, plain] : {std::pair("OpenRouter/x/y", "OpenRouter/x/y"),
                               {"openrouterx/y/z", "openrouterx/y/z"},
                               {" openrouter/x/y", " openrouter/x/y"},
                               {"x/openrouter/y", "x/openrouter/y"},
                               {"openrouter/x/", "x/"},
                               {"openrouter/x/y/z", "x/y/z"},
                               {"openrouter/openrouter/x/y", "openrouter/x/y"}})
        EXPECT_EQ(plain_model(said), plain) << said;
}
