#pragma once

namespace persais {

/// From now on no other process of this user can look into this one (/proc/<pid>/mem, environ and fd belong to root,
/// ptrace is refused), and neither it nor what it starts leaves a core file: its memory holds keys and tokens. A
/// program that it executes can be looked into again.
void make_process_private();

} // namespace persais
