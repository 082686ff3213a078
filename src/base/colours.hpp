#pragma once

namespace persais {

/// Whether output to this descriptor is coloured: on a terminal, unless NO_COLOR is set or the terminal is "dumb";
/// anywhere when CLICOLOR_FORCE is set. An empty variable is as one that is not set, and CLICOLOR_FORCE=0 too. NO_COLOR
/// wins over CLICOLOR_FORCE.
bool coloured(int descriptor);

/// TERM is "dumb": it shows text, and obeys no sequence.
bool is_dumb_terminal();

} // namespace persais
