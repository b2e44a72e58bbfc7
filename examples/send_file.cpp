// Sends the picture and the sound of a file, or of any other source, in real time: decoded,
// encoded anew for the path, and in step. Counts what comes back.
#include <string>

#include "examples/media_call.hpp"

using namespace lucid;

constexpr auto usage = R"(send_file FILE|SOURCE [SOUND] [--offer]
Sends a file as VP8 and Opus, again and again, or the sources named (test, camera, tone, mic, ...).
Signaling as data_channel_echo has it.
  ffmpeg -f lavfi -i testsrc=size=640x480:rate=30 -f lavfi -i sine -t 10 clip.mkv
  send_file clip.mkv --offer
  send_file test tone --offer
)";

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const bool offer = options->flag("--offer");
  if (options->rest.empty()) return glass::complain("Give a file to send.");
  std::string picture = options->rest[0];
  std::string sound = options->rest.size() > 1 ? options->rest[1] : "";
  if (sound.empty()) picture = sound = "file:" + picture;

  // A file need not have both.
  auto video = capture::open_video(picture);
  auto audio = capture::open_audio(sound);
  if (!video && !audio) return glass::complain(video.error().message);
  if (!video) std::cerr << "No picture: " << video.error().message << "\n";
  if (!audio) std::cerr << "No sound: " << audio.error().message << "\n";

  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  std::uint64_t received = 0;
  examples::MediaCall call{
      loop, sink->get(), [](auto, const auto&) {},
      [&](auto, const core::EncodedFrame& frame) {
        if (core::kind_of(frame.codec) == core::MediaKind::video && ++received % 30 == 1)
          examples::say({{"event", "frame"}, {"count", received}});
      }};
  call.send(video ? std::move(*video) : nullptr, audio ? std::move(*audio) : nullptr);
  call.run(offer);
}
