#pragma once
#include <string>

#include "app/json.hpp"

namespace lucid::app {

// An event of `lucid call` in words; empty where a person need not be told.
std::string words_of(const json& event);

}  // namespace lucid::app
