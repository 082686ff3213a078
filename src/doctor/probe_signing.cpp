#include "base/private_key.hpp"
#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "doctor/probes.hpp"
#include "git/signing.hpp"

namespace persais::doctor {

awaitable<findings> probe_signing(subject& of) {
    const auto& s = of.settings;
    if (s.git_signing_key.empty()) co_return findings{};
    temp_dir home;
    auto tried = co_await git::try_signing(tidy_key(s.git_signing_key), home.path());
    if (!tried)
        co_return findings{failed("signing", tried.error().sentence,
                                  told<"Install openssh-client, or make another key: `ssh-keygen -t ed25519 -N '' -f "
                                       "persais`.",
                                       "Установите openssh-client или сделайте другой ключ: `ssh-keygen -t ed25519 -N "
                                       "'' -f persais`.">())};
    auto print = tried->substr(std::min(tried->find("SHA256:"), tried->size()));
    co_return findings{ok(
        "signing",
        told<"Commits of {} are signed with the {}; a signature made with it verifies.",
             "Коммиты от {} подписываются ключом ({}); сделанная им подпись проверяется.">(s.git_author_email, *tried),
        {{"fingerprint", print}})};
}

} // namespace persais::doctor
