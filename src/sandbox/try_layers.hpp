#pragma once
#include "sandbox/sandbox.hpp"

namespace persais::sandbox {

/// How far layers work; `why`: what kept it from `whole`, without a full stop.
struct layers_found {
    layering how = layering::none;
    std::string why;
};

/// Runs a program in layers that are made below `where`, a folder on the disk on which the trees of tasks will be.
awaitable<layers_found> try_layers(const backend& confine, std::filesystem::path where);

/// Makes the two folders of layers::upper and gives the changes' to the slot. `mode`: of the folder as programs see it.
void make_upper(const backend& confine, const std::filesystem::path& upper, unsigned slot, std::filesystem::perms mode);

} // namespace persais::sandbox
