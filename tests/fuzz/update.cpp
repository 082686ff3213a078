#include "fuzz.hpp"
#include "telegram/outbound/testing_properties.hpp"

PERSAIS_FUZZ(persais::telegram::world::hold_update)
