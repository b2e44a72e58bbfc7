#pragma once
#include <string>

#include "core/trace.hpp"

namespace lucid::glass {

// How the values of a field are written.
void append_text(std::string& out, const core::trace::Value& value);
void append_json(std::string& out, const core::trace::Value& value);

// Seconds with six digits.
void append_seconds(std::string& out, core::Duration since_start);

const core::trace::Object& object_of(const core::trace::Report& report);
core::Time time_of(const core::trace::Report& report);

}  // namespace lucid::glass
