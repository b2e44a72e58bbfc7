// Records a call: picture and sound of both sides in one file, each frame as it was sent or
// received, without decoding. The times of the frames come from the sender reports, so that what
// was said and what was seen at one moment are together in the file.
#include <map>
#include <string>

#include "capture/sink.hpp"
#include "examples/media_call.hpp"
#include "media/recording_clock.hpp"

using namespace lucid;

constexpr auto usage = R"(record FILE.webm [PICTURE SOUND] [--offer]
Has a call, sending the sources named (default: test tone), and records both sides: tracks 1 and 2
are the peer's, 3 and 4 ours. Ends with its input. Signaling as data_channel_echo has it.
  record call.webm --offer
  ffprobe call.webm
)";

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const bool offer = options->flag("--offer");
  if (const auto word = options->unknown()) return glass::complain("There is no option " + *word);
  const auto& rest = options->rest;
  if (rest.empty()) return glass::complain("Name the file to record to.");
  auto video = capture::open_video(rest.size() > 2 ? rest[1] : "test");
  auto audio = capture::open_audio(rest.size() > 2 ? rest[2] : "tone");
  if (!video) return glass::complain(video.error().message);
  if (!audio) return glass::complain(audio.error().message);
  auto recorder = capture::Recorder::open(rest[0], {.video = core::Codec::vp8,
                                                    .width = (*video)->width(),
                                                    .height = (*video)->height(),
                                                    .audio = core::Codec::opus,
                                                    .parties = 2});
  if (!recorder) return glass::complain(recorder.error().message);

  net::Loop loop;
  const auto sink = glass::open_sinks(*options, loop.wall_clock());
  if (!sink) return glass::complain(sink.error());
  enum Party : std::size_t { peers, ours };
  std::optional<core::Time> start;  // of the first frame of any track
  std::map<std::pair<Party, core::MediaKind>, media::RecordingClock> clocks;
  const auto write = [&](Party party, const core::EncodedFrame& frame) {
    if (!start) start = loop.now();
    const auto kind = core::kind_of(frame.codec);
    auto& clock = clocks.try_emplace({party, kind}, *start).first->second;
    if (!(*recorder)->write(frame, clock.at(frame, loop.now()), party)) loop.stop();
  };
  examples::MediaCall call{loop, sink->get(),
                           [&](auto, const core::EncodedFrame& frame) { write(ours, frame); },
                           [&](auto, const core::EncodedFrame& frame) { write(peers, frame); }};
  call.send(std::move(*video), std::move(*audio));
  call.run(offer);
  if (!(*recorder)->close()) return glass::complain("The end of the file could not be written.");
}
