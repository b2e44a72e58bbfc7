#pragma once
#include <CLI/CLI.hpp>

namespace lucid::app {

// `lucid whip URL` and `lucid whep URL`.
void add_whip(CLI::App& app, int& status);

}  // namespace lucid::app
