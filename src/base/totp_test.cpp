#include "base/totp.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace std::chrono_literals;

namespace {

const secret of_the_rfc("12345678901234567890");

time_point at(std::int64_t seconds) {
    return time_point(std::chrono::seconds(seconds));
}

} // namespace

TEST(totp, gives_the_codes_that_rfc_6238_prints) {
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},         {1111111109, "07081804"},
                                                            {1111111111, "14050471"}, {1234567890, "89005924"},
                                                            {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (auto [seconds, code] : vectors) {
        EXPECT_EQ(totp::code_of(of_the_rfc, totp::step_at(at(seconds)), 8), code) << seconds;
        EXPECT_EQ(totp::code_of(of_the_rfc, totp::step_at(at(seconds))), std::string(code).substr(2));
    }
}

TEST(totp, gives_the_codes_that_rfc_4226_prints) {
    const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                           "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t step = 0; const auto* code : codes)
        EXPECT_EQ(totp::code_of(of_the_rfc, step++), code);
}

TEST(totp, takes_the_code_of_one_step_before_and_after) {
    auto now = at(1'800'000'015);
    auto step = totp::step_at(now);
    for (std::int64_t by : {-1, 0, 1})
        EXPECT_EQ(totp::step_of(of_the_rfc, secret(totp::code_of(of_the_rfc, step + by)), now), step + by);
    for (std::int64_t by : {-2, 2})
        EXPECT_EQ(totp::step_of(of_the_rfc, secret(totp::code_of(of_the_rfc, step + by)), now), std::nullopt);
    EXPECT_EQ(totp::step_of(totp::new_secret(), secret(totp::code_of(of_the_rfc, step)), now), std::nullopt);
}

TEST(totp, takes_nothing_that_is_no_code) {
    auto now = at(59);
    EXPECT_EQ(totp::step_of(of_the_rfc, secret("287 082"), now), 1); // as apps show it
    for (const auto* wrong : {"", "28708", "2870820", "28708a", "-28708", "287082\n", "94287082"})
        EXPECT_EQ(totp::step_of(of_the_rfc, secret(wrong), now), std::nullopt) << wrong;
}

TEST(totp, shows_the_secret_as_authenticator_apps_read_it) {
    EXPECT_EQ(totp::as_typed(of_the_rfc).reveal(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    // RFC 4648, 10
    EXPECT_EQ(totp::as_typed(secret("f")).reveal(), "MY");
    EXPECT_EQ(totp::as_typed(secret("foob")).reveal(), "MZXW6YQ");
    EXPECT_EQ(totp::url_of(of_the_rfc, "Persais", "Ann (7)").reveal(),
              "otpauth://totp/Persais:Ann%20%287%29?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Persais");
    EXPECT_EQ(totp::new_secret().reveal().size(), 20U);
    EXPECT_NE(totp::new_secret().reveal(), totp::new_secret().reveal());
}
