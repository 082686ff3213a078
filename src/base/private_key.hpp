#pragma once
#include "base/secret.hpp"

#include <string>

/// Private ssh keys as people paste them into a setting.
namespace persais {

/// Converts a private key into the form that ssh reads: it may have literal \n, \r\n, blanks in one line, quotes around
/// it, or no newline at its end.
secret tidy_key(const secret& pasted);

/// What is wrong with it as a private key that works without a passphrase, as far as its form shows, to be written
/// after "NAME: ". Empty: nothing. It never contains the value.
std::string wrong_with_key(const secret& tidy);

/// The same of a key that ssh-keygen is to sign with. It looks at the whole of the key, because nobody is there when it
/// is used for the first time.
std::string wrong_with_signing_key(const secret& tidy);

} // namespace persais
