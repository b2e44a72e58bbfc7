#pragma once
#include "net/loop.hpp"

namespace lucid::app {

// Runs the loop until it is stopped, which Ctrl-C and SIGTERM do; a second one ends the program.
void run_until_interrupted(net::Loop& loop);

}  // namespace lucid::app
