// Sends the VP8 frames of an IVF file, over and over, and counts the frames that come back. Frames
// go from the file to the network as they are: nothing here knows a codec.
#include <fstream>
#include <iterator>
#include <vector>

#include "examples/signaling_json.hpp"
#include "glass/options.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"

using namespace lucid;
using namespace std::chrono_literals;
namespace events = peer::events;

constexpr auto usage = R"(send_ivf FILE [--offer]
Sends the VP8 frames of an IVF file at 30 a second. Signaling as data_channel_echo has it.
  ffmpeg -f lavfi -i testsrc=size=640x480:rate=30 -t 10 -c:v libvpx -g 30 test.ivf
)";

// IVF: a head of 32 bytes, then frames, each after its size (4 bytes, little-endian) and time (8).
std::vector<std::vector<std::uint8_t>> read_ivf(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const std::vector<std::uint8_t> all{std::istreambuf_iterator<char>{file}, {}};
  std::vector<std::vector<std::uint8_t>> frames;
  for (std::size_t at = 32; at + 12 <= all.size();) {
    const std::size_t size = all[at] | all[at + 1] << 8 | all[at + 2] << 16;
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at + 12);
    if (at + 12 + size > all.size()) break;
    frames.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
    at += 12 + size;
  }
  return frames;
}

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const bool offer = std::erase(options->rest, "--offer") > 0;
  const auto frames = read_ivf(options->rest.empty() ? "" : options->rest[0]);
  if (frames.empty()) return glass::complain("Give an IVF file with frames in it.");
  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  auto made = peer::PeerConnection::create({.wall_clock = loop.wall_clock()},
                                           loop.context(sink->get()), loop.now());
  if (!made) return glass::complain(made.error().text());
  peer::PeerConnection& pc = *made;
  peer::Sender sender = *pc.add_track({core::MediaKind::video, "file"}, {"file"});

  std::size_t next = 0;
  std::uint32_t sent = 0;
  std::uint64_t received = 0;
  net::Driver driver{
      loop,
      pc,
      net::on_events<peer::PeerConnection>(
          [&](events::IceCandidate it) {
            examples::say({{"candidate", examples::to_json(it.candidate)}});
          },
          [&](events::ConnectionStateChange it) {
            if (it.state == peer::ConnectionState::connected) next = 0;
          },
          // The file's first frame is a key frame: begin again there.
          [&](events::KeyFrameRequested) { next = 0; },
          [&](events::Frame it) {
            if (++received % 30 == 1)
              examples::say({{"event", "frame"}, {"count", received}, {"rid", it.frame.rid}});
          },
          [](auto&&) {}),
      {.tracer = loop.context(sink->get()).tracer("net")}};
  core::Time due = loop.now();
  net::Timer timer{loop, [&] {
                     core::EncodedFrame frame;
                     frame.data = frames[next];
                     frame.key = (frame.data[0] & 1) == 0;
                     frame.rtp_timestamp = 3000 * sent++;
                     next = (next + 1) % frames.size();
                     sender.send(frame, loop.now());
                     driver.pump();
                     timer.set(due += 33'333us);
                   }};
  timer.set(due);
  if (offer) {
    examples::report(pc.set_local_description(loop.now()));
    examples::say_local(pc);
  }
  driver.pump();
  examples::run_with_input(
      loop,
      [&](const std::string& line) {
        examples::take(pc, line, loop.now());
        driver.pump();
      },
      [&] {
        pc.close(loop.now());
        driver.pump();
      });
}
