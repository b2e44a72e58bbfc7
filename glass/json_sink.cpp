#include "glass/json_sink.hpp"

#include "core/text.hpp"
#include "glass/detail/fields.hpp"

namespace lucid::glass {

namespace {

namespace trace = core::trace;

void member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  core::append_json(out, text);
}

void append(std::string& out, const trace::Event& event) {
  member(out, "type", "event");
  member(out, "name", event.name);
  out += ",\"fields\":{";
  bool first = true;
  for (const trace::Field& field : event.fields) {
    if (!first) out += ',';
    first = false;
    core::append_json(out, field.name);
    out += ':';
    append_json(out, field.value);
  }
  out += '}';
}

void append(std::string& out, const trace::StateChange& change) {
  member(out, "type", "state");
  member(out, "machine", change.machine);
  member(out, "from", change.from);
  member(out, "to", change.to);
  member(out, "reason", change.reason);
}

void append(std::string& out, const trace::Failure& failure) {
  member(out, "type", "failure");
  member(out, "phase", failure.phase);
  member(out, "cause", failure.cause);
  member(out, "next_step", failure.next_step);
}

void append(std::string& out, const trace::Packet& packet) {
  member(out, "type", "packet");
  member(out, "direction", packet.direction == trace::Direction::in ? "in" : "out");
  member(out, "transport", to_string(packet.path.transport));
  member(out, "local", packet.path.local.text());
  member(out, "remote", packet.path.remote.text());
  member(out, "bytes", core::to_hex(packet.bytes));
}

// What it is stays where it was asked for: in the capture.
void append(std::string& out, const trace::Secret&) { member(out, "type", "secret"); }

}  // namespace

std::string JsonSink::line(const trace::Report& report) {
  std::string out = "{\"time\":";
  append_seconds(out, time_of(report).time_since_epoch());
  member(out, "module", object_of(report).module);
  out += ",\"id\":" + std::to_string(object_of(report).id);
  std::visit([&](const auto& one) { append(out, one); }, report);
  out += '}';
  return out;
}

void JsonSink::report(const trace::Report& report) {
  const std::string out = line(report) + "\n";
  std::fwrite(out.data(), 1, out.size(), stream_of(file_));
  std::fflush(stream_of(file_));
}

}  // namespace lucid::glass
