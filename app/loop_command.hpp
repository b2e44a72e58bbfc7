#pragma once
#include <CLI/CLI.hpp>

namespace lucid::app {

// `lucid loop`: two connections in one process call each other.
void add_loop(CLI::App& app, int& status);

}  // namespace lucid::app
