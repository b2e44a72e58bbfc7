#pragma once
#include <cstdio>
#include <string>

#include "core/handle.hpp"
#include "core/trace.hpp"

namespace lucid::glass {

// A file that closes itself; null: standard error, which stays open.
using File = core::Handle<std::FILE, std::fclose>;
inline std::FILE* stream_of(const File& file) { return file ? file.get() : stderr; }

// How the values of a field are written.
void append_text(std::string& out, const core::trace::Value& value);
void append_json(std::string& out, const core::trace::Value& value);
void append_quoted(std::string& out, std::string_view text);  // as JSON has it, escaped

// Seconds with six digits.
void append_seconds(std::string& out, core::Duration since_start);

const core::trace::Object& object_of(const core::trace::Report& report);
core::Time time_of(const core::trace::Report& report);

}  // namespace lucid::glass
