// Prints the RTP and RTCP packets of capture files, and a table of the streams in them.
#include <map>
#include <set>

#include "examples/rtp_files.hpp"
#include "rtp/file/capture.hpp"
#include "rtp/rtcp/statistics.hpp"

using namespace lucid;

namespace {

constexpr const char* usage =
    "usage: rtp_dump [--json] FILE...\n"
    "Prints each packet of pcap, pcapng and rtpdump files, or of files that hold one bare packet,\n"
    "then the streams: packets, loss, jitter, frames. Status 1 when anything is malformed.\n"
    "  --json  one JSON object a line\n";

struct Stream {
  rtp::rtcp::Reception reception;
  std::set<std::uint32_t> frames;  // a frame is whatever has a timestamp of its own
};

struct Dump {
  bool json = false;
  std::map<std::uint32_t, Stream> streams;
  int malformed = 0;
  std::vector<rtp::file::Record> records;  // of the file at hand

  void bad(core::Time time, const std::string& what, std::string_view why) {
    ++malformed;
    print_line(json, "malformed", time,
               {{"what", '"' + what + '"'}, {"reason", '"' + std::string{why} + '"'}});
  }
  void rtp_packet(const rtp::file::Record& record) {
    const auto packet = rtp::Packet::parse(record.datagram);
    if (!packet) return bad(record.time, "RTP", to_string(packet.error()));
    std::string extensions;
    rtp::ExtensionElements elements{*packet};
    while (const auto element = elements.next()) {
      extensions += (extensions.empty() ? "\"" : ",\"") + std::to_string(element->id) + "\":\"" +
                    core::to_hex(element->value) + '"';
    }
    print_line(json, "RTP", record.time,
               {{"ssrc", std::to_string(packet->ssrc())},
                {"pt", std::to_string(packet->payload_type())},
                {"seq", std::to_string(packet->sequence())},
                {"ts", std::to_string(packet->timestamp())},
                {"marker", packet->marker() ? "true" : "false"},
                {"payload", std::to_string(packet->payload().size())},
                {"padding", std::to_string(packet->padding_size())},
                {"extensions", '{' + extensions + '}'}});
    const std::uint32_t ssrc = packet->ssrc();
    if (!streams.contains(ssrc)) streams[ssrc].reception = {ssrc, guess_clock_rate(records, ssrc)};
    Stream& stream = streams[ssrc];
    stream.reception.received(*packet, record.time);
    if (!packet->payload().empty()) stream.frames.insert(packet->timestamp());
  }
  void rtcp_packet(const rtp::file::Record& record) {
    const auto messages = rtp::rtcp::parse_compound(record.datagram);
    if (!messages) return bad(record.time, "RTCP", to_string(messages.error()));
    for (const auto& m : *messages) print_line(json, name_of(m), record.time, fields_of(m));
  }
  void table() const {
    for (const auto& [ssrc, stream] : streams) {
      const auto stats = stream.reception.stats();
      print_line(json, "stream", {},
                 {{"ssrc", std::to_string(ssrc)},
                  {"packets", std::to_string(stats.packets)},
                  {"bytes", std::to_string(stats.bytes)},
                  {"lost", std::to_string(stats.lost)},
                  {"clock", std::to_string(stream.reception.clock_rate())},
                  {"jitter_us", std::to_string(stats.jitter.count())},
                  {"frames", std::to_string(stream.frames.size())}});
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  Dump dump;
  std::vector<std::string> paths(argv + 1, argv + argc);
  if (paths.empty() || paths[0] == "--help") return std::printf("%s", usage), paths.empty() ? 2 : 0;
  dump.json = std::erase(paths, "--json") > 0;
  for (const std::string& path : paths) {
    const auto bytes = read_file(path);
    auto records = rtp::file::read_capture(bytes);
    if (!records) dump.bad({}, path, to_string(records.error()));
    dump.records = records ? std::move(*records) : std::vector<rtp::file::Record>{};
    for (const auto& record : dump.records) {
      // RFC 7983 7: what begins otherwise is STUN, DTLS or a channel of TURN.
      if (record.datagram.empty() || record.datagram[0] >> 6 != 2) continue;
      rtp::is_rtcp(record.datagram) ? dump.rtcp_packet(record) : dump.rtp_packet(record);
    }
  }
  dump.table();
  return dump.malformed > 0 ? 1 : 0;
}
