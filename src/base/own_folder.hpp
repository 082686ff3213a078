#pragma once
#include "base/result.hpp"

#include <filesystem>

namespace persais {

/// Makes this folder (and the way to it) such that only this user can enter it, mode 0700. True: it was there and open
/// to others until now. One that its group may pass through stays so: the embedded database's user does. A folder that
/// other programs use (/tmp, /var) is an error, as is one that cannot be made: the end of a sentence. The mode of
/// another user's folder stays as it is.
result<bool> make_own_folder(const std::filesystem::path& folder);

} // namespace persais
