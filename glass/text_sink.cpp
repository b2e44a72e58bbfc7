#include "glass/text_sink.hpp"

#include <algorithm>

#include "glass/detail/fields.hpp"

namespace lucid::glass {

namespace {

namespace trace = core::trace;

void put(std::string& out, const trace::Event& event) {
  out += event.name;
  for (const trace::Field& field : event.fields) {
    out += ' ';
    out += field.name;
    out += '=';
    append_text(out, field.value);
  }
}

void put(std::string& out, const trace::StateChange& change) {
  out += change.machine;
  out += ": ";
  out += change.from;
  out += " -> ";
  out += change.to;
  if (change.reason.empty()) return;
  out += " (";
  out += change.reason;
  out += ')';
}

void put(std::string& out, const trace::Failure& failure) {
  out += "failed in ";
  out += failure.phase;
  out += ": ";
  out += failure.cause;
  if (failure.next_step.empty()) return;
  out += "; next: ";
  out += failure.next_step;
}

void put(std::string& out, const trace::Packet& packet) {
  out += packet.direction == trace::Direction::in ? "in  " : "out ";
  out += packet.path.text();
  out += ' ';
  out += std::to_string(packet.bytes.size());
  out += " bytes";
}

void put(std::string& out, const trace::Secret&) { out += "secret"; }

// The other side's words may hold line breaks and what terminals obey.
std::string on_one_line(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace

TextSink::TextSink(std::vector<std::string> modules, File file)
    : modules_{std::move(modules)}, file_{std::move(file)} {
  packets_ = std::erase(modules_, "packets") > 0;
}

std::string TextSink::line(const trace::Report& report) {
  std::string out{object_of(report).module};
  out += '#';
  out += std::to_string(object_of(report).id);
  out += ' ';
  std::visit([&](const auto& one) { put(out, one); }, report);
  return on_one_line(out);
}

bool TextSink::wanted(const trace::Report& report) const {
  if (std::holds_alternative<trace::Packet>(report)) return packets_;
  const std::string_view module = object_of(report).module;
  return modules_.empty() || std::ranges::find(modules_, module) != modules_.end();
}

void TextSink::report(const trace::Report& report) {
  if (!start_) start_ = time_of(report);
  if (!wanted(report)) return;
  std::string out;
  append_seconds(out, time_of(report) - *start_);
  out += ' ';
  out += line(report);
  out += '\n';
  std::fwrite(out.data(), 1, out.size(), stream_of(file_));
  std::fflush(stream_of(file_));
}

}  // namespace lucid::glass
