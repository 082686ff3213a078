#include "worker/identity.hpp"

#include "base/private_key.hpp"

namespace persais::worker {

git::identity identity_of(const config::settings& settings, std::string co_author) {
    return {.name = settings.git_author_name,
            .email = settings.git_author_email,
            .signing_key = tidy_key(settings.git_signing_key),
            .sign_off = settings.git_sign_off,
            .co_author = std::move(co_author)};
}

} // namespace persais::worker
