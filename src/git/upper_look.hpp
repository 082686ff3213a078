#pragma once
#include "git/tree_look.hpp"
#include "sandbox/sandbox.hpp"

#include <string>

namespace persais::git {

/// What look_again finds, of a tree that is layered over a checkout of `base`: all that programs did is in the upper
/// layer, so that this alone is listed, however large the rest is, and no stat data has to tell what changed. nullopt
/// as there, and when the layers are other ones.
awaitable<std::optional<tree_look>> look_at_upper(sandbox::layers tree, commit_id base);

/// The kernel's note `name` about an open folder of an upper layer ("opaque", "redirect"); empty: there is none. A
/// program of the task can write none of the kind that counts. Throws not_plain.
std::string note_of_layer(int folder, const char* name);

} // namespace persais::git
