#pragma once
#include "service/remote_tokens.hpp"

namespace persais::service {

/// The remote of what a repository names as a part of itself (a submodule, its LFS files), with the credentials that it
/// may receive. It has to be at the host of the repository, `of`, or over https at one of FETCH_HOSTS; only the former
/// gets credentials, because anybody who may write to some repository could else read others with them. For the same
/// reason `own` counts at `of` alone: the token that some other repository has for itself is not used because this one
/// names it. An ssh address for which there is no key is taken as the https address of the same repository. The error
/// says what is wrong with the address.
git::outcome<git::remote> further_remote(const std::string& url, const std::string& of,
                                         const config::settings& settings, const remote_tokens& own = {});

/// The LFS server that a repository has when it names no other, with the repository's credentials.
git::outcome<git::remote> lfs_remote(const std::string& repository, const config::settings& settings,
                                     const remote_tokens& own = {});

} // namespace persais::service
