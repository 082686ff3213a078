#pragma once
#include "git/git.hpp"

/// Signatures of commits by an ssh key, as `git verify-commit` knows them (gpg.format=ssh). ssh-keygen makes them; the
/// key exists in memory only, as a file of that one program (child_spec::secret_files).
namespace persais::git {

/// The signature of these bytes, without a newline at its end. `key` is a text that ssh-keygen reads (tidy_key);
/// `home` is an empty folder.
awaitable<outcome<std::string>> sign(secret key, std::string bytes, std::filesystem::path home);

/// The commit with its signature, as the header of a repository of this object format.
std::string signed_commit(std::string_view commit, std::string_view signature, bool sha256);

/// Signs something and verifies that. The result is ssh-keygen's name of the key: "ED25519 key SHA256:…".
awaitable<outcome<std::string>> try_signing(secret key, std::filesystem::path home);

} // namespace persais::git
