#pragma once
#include "net/static_files.hpp"

namespace lucid::app {

// The files of app/web, built into the program.
net::StaticFiles web_pages();

}  // namespace lucid::app
