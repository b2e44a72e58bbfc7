#pragma once
#include <string>

#include "core/trace.hpp"
#include "glass/file.hpp"

namespace lucid::glass {

// Reports as JSON, one object a line (https://jsonlines.org):
//
//   {"time":3600.012345,"module":"ice","id":1,"type":"event","name":"check_sent","fields":{...}}
//   {...,"type":"state","machine":"connection_state","from":"checking","to":"connected","reason":"..."}
//   {...,"type":"failure","phase":"handshake","cause":"...","next_step":"..."}
//   {...,"type":"packet","direction":"in","transport":"udp","local":"...","remote":"...","bytes":"0001.."}
//
// Times are seconds of the machines' own clock, durations milliseconds, bytes in hexadecimal.
class JsonSink final : public core::trace::Sink {
 public:
  explicit JsonSink(File file) : file_{std::move(file)} {}
  void report(const core::trace::Report& report) override;

  static std::string line(const core::trace::Report& report);

 private:
  File file_;
};

}  // namespace lucid::glass
