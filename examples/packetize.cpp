// Turns a file of frames into RTP packets, or packets back into a file of frames.
#include "core/random.hpp"
#include "core/serial.hpp"
#include "examples/rtp_files.hpp"
#include "rtp/file/capture.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/receive/assembler.hpp"

using namespace lucid;

namespace {

constexpr const char* usage =
    "usage: packetize [--mtu BYTES] [--fps N] [--codec NAME] IN OUT\n"
    "IN  IVF, H.264 or H.265 Annex B, Ogg with Opus -> OUT  .pcap, otherwise rtpdump\n"
    "IN  pcap, pcapng, rtpdump                      -> OUT  the same frames in a file\n"
    "  --mtu BYTES   of the IP packet (1200)    --fps N  for Annex B, which has no times (30)\n"
    "  --codec NAME  what the packets carry: VP8, VP9, AV1, H264, H265, opus (by the name of "
    "OUT)\n";

[[noreturn]] void fail(const std::string& what, std::string_view why) {
  std::fprintf(stderr, "packetize: %s: %s\n", what.c_str(), std::string{why}.c_str());
  std::exit(1);
}

void to_packets(const rtp::file::MediaFile& media, std::size_t mtu, const std::string& out) {
  core::Pool pool;
  core::SeededRandom random{1};
  const auto packetizer = rtp::make_packetizer({.codec = media.codec}, random);
  std::vector<core::Buffer> buffers;
  std::vector<rtp::file::Record> records;
  std::uint16_t sequence = 0;
  for (const auto& source : media.frames) {
    core::EncodedFrame frame{.codec = media.codec, .rtp_timestamp = source.timestamp};
    frame.data.assign(source.data.begin(), source.data.end());
    // VP9 leaves it to the sender to say; in its frames a bit of the first byte does.
    frame.key = media.codec == core::Codec::vp9 && (source.data[0] & 0x04) == 0;
    rtp::HeaderWriter header{{.payload_type = 96, .timestamp = source.timestamp, .ssrc = 0x1CED}};
    const std::size_t limit = mtu - 28 - header.size();
    if (!packetizer->open(frame, limit)) fail("a frame", "cannot be sent in packets of this size");
    const core::Time time{rtp::ticks_to_duration(source.timestamp, rtp::clock_rate(media.codec))};
    core::Buffer buffer = pool.take(limit);
    while (const auto piece = packetizer->next(buffer.bytes())) {
      buffer.resize(piece->size);
      header.sequence(sequence++);
      header.marker(piece->marker);
      header.prepend_to(buffer);
      records.push_back({time, buffer.bytes()});
      buffers.push_back(std::exchange(buffer, pool.take(limit)));
    }
  }
  const bool pcap = out.ends_with(".pcap");
  write_file(out, pcap ? rtp::file::write_pcap(records) : rtp::file::write_rtpdump(records));
  std::printf("%zu frames in %zu packets\n", media.frames.size(), records.size());
}

void to_frames(const std::vector<rtp::file::Record>& records, core::Codec codec,
               const std::string& out) {
  core::Pool pool;
  rtp::FrameAssembler assembler{codec};
  core::Unwrapper<std::uint16_t> unwrap;
  std::vector<rtp::AssembledFrame> frames;
  for (const auto& record : records) {
    if (rtp::is_rtcp(record.datagram)) continue;
    core::Buffer buffer = pool.copy(record.datagram);
    const auto packet = rtp::Packet::parse(buffer);
    if (!packet) fail("a packet", to_string(packet.error()));
    const std::int64_t number = 0x10000 + unwrap.unwrap(packet->sequence());
    assembler.insert(*packet, std::move(buffer), {number, record.time});
    while (auto frame = assembler.pop()) frames.push_back(std::move(*frame));
  }
  if (frames.empty()) fail(out, "no frame is complete; is --codec right?");
  std::ranges::sort(frames, {}, &rtp::AssembledFrame::first_sequence);
  const core::EncodedFrame& first = frames[0].frame;
  rtp::file::MediaFile media{.codec = codec, .width = first.width, .height = first.height};
  for (const auto& each : frames) {
    media.frames.push_back({each.frame.data, each.frame.rtp_timestamp - first.rtp_timestamp});
  }
  write_file(out, *rtp::file::write_media(media));
  std::printf("%zu frames of %zu packets\n", frames.size(), records.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths(argv + 1, argv + argc);
  if (std::erase(paths, "--help") > 0) return std::printf("%s", usage), 0;
  const std::size_t mtu = std::strtoul(option(paths, "--mtu", "1200").c_str(), nullptr, 10);
  const double fps = std::atof(option(paths, "--fps", "30").c_str());
  const std::string out = paths.empty() ? "" : paths.back();
  const char* guess = out.ends_with(".ivf") ? "VP8" : out.ends_with(".ogg") ? "opus" : "H264";
  const auto codec = core::codec_from_name(option(paths, "--codec", guess));
  if (paths.size() != 2 || mtu < 150 || fps <= 0 || !codec) return std::fputs(usage, stderr), 2;
  const auto bytes = read_file(paths[0]);
  const auto records = rtp::file::read_capture(bytes);
  if (records && records->size() > 1) return to_frames(*records, *codec, out), 0;
  const auto media = rtp::file::read_media(bytes, fps);
  if (!media) fail(paths[0], to_string(media.error()));
  to_packets(*media, mtu, out);
}
